package conformance_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// mixedSuite has a MUST row that holds, a SHOULD row that does not, and one
// that cannot be judged.
func mixedSuite() fstest.MapFS {
	return newSuite(
		suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"good", "", "GET /a answers 200"})},
		suiteRow{"FRM-02", "SHOULD", "", scenarios(suiteScenario{"poor", "", "GET /a answers 404"})},
		suiteRow{"FRM-03", "SHOULD", "    needs: [clock]\n", scenarios(suiteScenario{"late", "", "nothing"})},
	)
}

func ids(r *report.Report) string {
	var found []string
	for _, row := range r.Requirements {
		found = append(found, row.ID)
	}
	return strings.Join(found, " ")
}

func TestStrict(t *testing.T) {
	t.Parallel()
	url, _ := newServer(t)
	suite := mixedSuite()
	if r := run(t, newManifest(url), conformance.Options{}.JudgedBy(suite, nil)); r.Conclusion != report.Conformant {
		t.Errorf("without --strict: %s", r.Conclusion)
	}
	for _, id := range []string{"FRM-02", "FRM-03"} {
		r := run(t, newManifest(url), conformance.Options{Strict: true, Only: []string{"FRM-01", id}}.JudgedBy(suite, nil))
		if r.Conclusion != report.NonConformant || !r.Suite.Strict {
			t.Errorf("%s in a strict run: %s", id, r.Conclusion)
		}
	}
	if r := run(t, newManifest(url), conformance.Options{Strict: true, Only: []string{"FRM-01"}}.JudgedBy(suite, nil)); r.Conclusion != report.Conformant {
		t.Errorf("strict where all is well: %s", r.Conclusion)
	}
}

func TestProfilesAndFrozenSets(t *testing.T) {
	t.Parallel()
	url, _ := newServer(t)
	suite := mixedSuite()
	suite["requirements-1.0.yaml"] = &fstest.MapFile{Data: []byte("version: \"1.0\"\nform: [FRM-01, FRM-03]\n")}
	for options, want := range map[*conformance.Options]string{
		{Profile: "core"}:                      "FRM-01",
		{Profile: "extended"}:                  "FRM-01 FRM-02 FRM-03",
		{Requirements: "1.0"}:                  "FRM-01 FRM-03",
		{Requirements: "1.0", Profile: "core"}: "FRM-01",
		{Only: []string{"FRM-02", "FRM-03"}}:   "FRM-02 FRM-03",
	} {
		*options = options.JudgedBy(suite, nil)
		if got := ids(run(t, newManifest(url), *options)); got != want {
			t.Errorf("%+v judges %s, not %s", options, got, want)
		}
	}
	for _, options := range []conformance.Options{{Profile: "cor"}, {Requirements: "0.9"}} {
		options = options.JudgedBy(suite, fakeSteps)
		var usage *conformance.UsageError
		if _, err := conformance.Run(t.Context(), newManifest(url), options); !errors.As(err, &usage) {
			t.Errorf("%+v is accepted: %v", options, err)
		}
	}
	suite["requirements-1.1.yaml"] = &fstest.MapFile{Data: []byte("version: \"1.1\"\nform: [FRM-09]\n")}
	if r := run(t, newManifest(url), conformance.Options{}.JudgedBy(suite, nil)); r.Conclusion != report.HarnessError || !strings.Contains(r.Errors[0].Text, "FRM-09 is frozen, and no longer in the suite") {
		t.Errorf("a frozen row was dropped: %+v", r.Errors)
	}
}

// unstable answers 404 to every third request for a path, and remembers the order
// of all.
func unstable(t *testing.T) (url string, order func() string) {
	var mu sync.Mutex
	var paths []string
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			return // whether it is there
		}
		mu.Lock()
		paths = append(paths, r.URL.Path)
		mu.Unlock()
		if r.URL.Path == "/unstable" && asked.Add(1)%3 == 0 {
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(paths, " ")
	}
}

func TestRepeatFindsTheUnstable(t *testing.T) {
	t.Parallel()
	url, _ := unstable(t)
	suite := newSuite(
		suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"steady", "", "GET /steady answers 200"}, suiteScenario{"broken", "", "GET /steady answers 404"})},
		suiteRow{"FRM-02", "MUST", "", scenarios(suiteScenario{"one of three", "", "GET /unstable answers 200"})},
	)
	r := run(t, newManifest(url), conformance.Options{Repeat: 4, Workers: 1}.JudgedBy(suite, nil))
	rows := r.Requirements
	if s := rows[0].Scenarios; s[0].Outcome != report.Passed || s[1].Outcome != report.Failed || len(s[0].Outcomes)+len(s[1].Outcomes) != 0 {
		t.Errorf("stable scenarios: %+v", s)
	}
	s := rows[1].Scenarios[0]
	if fmt.Sprint(s.Outcomes) != "[passed passed failed passed]" || s.Outcome != report.Failed || len(s.Exchanges) == 0 {
		t.Errorf("the unstable scenario: %+v", s)
	}
	if want := "one of three: unstable: it passed 3 of 4 times: expected 200, got 404"; !strings.HasPrefix(rows[1].Reason, want) || rows[1].Verdict != report.Fail {
		t.Errorf("its row: %s %s", rows[1].Verdict, rows[1].Reason)
	}
	var text strings.Builder
	if err := r.WriteText(&text); err != nil || !strings.Contains(text.String(), "each scenario ran 4 times (seed 0), 1 unstable\nUNSTABLE form FRM-02: one of three: unstable: it passed 3 of 4 times\n") {
		t.Errorf("the report does not say it (%v):\n%s", err, text.String())
	}
}

// TestGuessesKeepTheirOrder: those that may lock an account come last, in one order, also
// where all is repeated.
func TestGuessesKeepTheirOrder(t *testing.T) {
	t.Parallel()
	var all []suiteScenario
	for i := range 4 {
		all = append(all, suiteScenario{fmt.Sprint("guess ", i), "@guess", fmt.Sprintf("GET /%d answers 200", i)})
	}
	for i := 4; i < 7; i++ {
		all = append(all, suiteScenario{fmt.Sprint("throttle ", i), "@throttle", fmt.Sprintf("GET /%d answers 200", i)})
	}
	all = append(all, suiteScenario{"clock", "@alone", "GET /first answers 200"})
	suite := newSuite(suiteRow{"FRM-01", "MUST", "", all})
	for seed := range uint64(5) {
		url, order := unstable(t)
		run(t, newManifest(url), conformance.Options{Workers: 1, Shuffle: true, Seed: seed, Repeat: 2}.JudgedBy(suite, nil))
		const guesses, throttles = "/0 /1 /2 /3", "/4 /5 /6"
		if got, want := order(), strings.Join([]string{"/first /first", guesses, guesses, throttles, throttles}, " "); got != want {
			t.Errorf("seed %d: %s, want %s", seed, got, want)
		}
	}
}

// TestALockEndsTheGuesses of its dialect, and nothing else. Where it comes only when they
// are repeated, what was found before stands.
func TestALockEndsTheGuesses(t *testing.T) {
	t.Parallel()
	var rows []suiteRow
	for _, id := range []string{"FRM-01", "FRM-02", "FRM-03"} {
		rows = append(rows, suiteRow{id, "MUST", "", scenarios(suiteScenario{"guess " + id, "@guess", "guess"})})
	}
	rows = append(rows, suiteRow{"FRM-04", "MUST", "", scenarios(suiteScenario{"throttle", "@throttle", "other"})})
	for _, test := range []struct {
		lockAt, repeat int
		guesses        int // how many are tried
		want           string
	}{
		{lockAt: 9, repeat: 1, guesses: 3, want: "pass pass pass pass"},
		{lockAt: 1, repeat: 1, guesses: 1, want: "untestable untestable untestable pass"},
		{lockAt: 2, repeat: 1, guesses: 2, want: "pass untestable untestable pass"},
		{lockAt: 2, repeat: 3, guesses: 2, want: "pass untestable untestable pass"},
		{lockAt: 5, repeat: 2, guesses: 5, want: "pass pass pass pass"},
		{lockAt: 9, repeat: 2, guesses: 6, want: "pass pass pass pass"},
	} {
		guesses := 0
		bind := func(sc *godog.ScenarioContext, _ string, _ *exchange.Subject, _ *evidence.Log) error {
			sc.Step(`^guess$`, func() error {
				if guesses++; guesses >= test.lockAt {
					return &exchange.LockedOutError{Answer: "401 Unauthorized", Dialect: "form"}
				}
				return nil
			})
			sc.Step(`^other$`, func() error { return nil })
			return nil
		}
		url, _ := newServer(t)
		r, err := conformance.Run(t.Context(), newManifest(url), conformance.Options{Workers: 1, Repeat: test.repeat}.JudgedBy(newSuite(rows...), bind))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, row := range r.Requirements {
			got[row.ID] = string(row.Verdict)
			if strings.Contains(row.Reason, "unstable") {
				t.Errorf("%+v: %s", test, row.Reason)
			}
		}
		verdicts := strings.Join([]string{got["FRM-01"], got["FRM-02"], got["FRM-03"], got["FRM-04"]}, " ")
		if verdicts != test.want || guesses != test.guesses {
			t.Errorf("%+v: %d guesses, %s, %v", test, guesses, verdicts, r.Errors)
		}
	}
}

func TestShuffle(t *testing.T) {
	t.Parallel()
	var all []suiteScenario
	for i := range 9 {
		all = append(all, suiteScenario{fmt.Sprint("nr ", i), "", fmt.Sprintf("GET /%d answers 200", i)})
	}
	suite := newSuite(suiteRow{"FRM-01", "MUST", "", all})
	orderOf := func(shuffle bool, seed uint64, repeat int) string {
		url, order := unstable(t)
		r := run(t, newManifest(url), conformance.Options{Workers: 1, Shuffle: shuffle, Seed: seed, Repeat: repeat}.JudgedBy(suite, nil))
		if r.Counts[report.Pass] != 1 {
			t.Errorf("counts %v", r.Counts)
		}
		return order()
	}
	const plain = "/0 /1 /2 /3 /4 /5 /6 /7 /8"
	if got := orderOf(false, 7, 2); got != plain+" "+plain {
		t.Errorf("unshuffled: %s", got)
	}
	first := orderOf(true, 7, 2)
	if first != orderOf(true, 7, 2) {
		t.Error("the same seed gives another order")
	}
	if first == orderOf(true, 8, 2) || first[:len(plain)] == plain || first[:len(plain)] == first[len(plain)+1:] {
		t.Errorf("it is not shuffled: %s", first)
	}
}
