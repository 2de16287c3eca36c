package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cucumber/godog"
	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

func TestMain(m *testing.M) {
	if port := os.Getenv(talkativePort); port != "" {
		serveTalkatively(port, os.Getenv(talkativeAbout))
		os.Exit(1)
	}
	// A server's connection whose request was too long stays half a second, so that
	// its answer is read; then it ends by itself.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	good := suiteScenario{"good", "", "GET /a answers 200"}
	tests := map[string]struct {
		row        suiteRow
		verdict    report.Verdict
		reason     string
		conclusion report.Conclusion
	}{
		"pass":           {suiteRow{"FRM-01", "MUST", "", scenarios(good)}, report.Pass, "", report.Conformant},
		"fail":           {suiteRow{"FRM-01", "MUST", "", scenarios(good, suiteScenario{"bad", "", "GET /a answers 404"})}, report.Fail, "bad: expected 404, got 200 with [password-1]", report.NonConformant},
		"warn":           {suiteRow{"FRM-01", "SHOULD", "", scenarios(suiteScenario{"bad", "", "GET /a answers 404"})}, report.Warn, "bad: expected 404, got 200", report.Conformant},
		"not applicable": {suiteRow{"FRM-01", "MUST", "    needs: [throttle]\n", scenarios(good)}, report.NotApplicable, "the manifest does not declare dialects.form.throttle", report.EnvironmentError},
		"no clock":       {suiteRow{"FRM-01", "MUST", "    needs: [clock]\n", scenarios(good)}, report.Untestable, "the subject's time cannot be moved; add clock", report.EnvironmentError},
		"gap":            {suiteRow{"FRM-01", "MUST", "", scenarios(good, suiteScenario{"later", "@clock", "nothing"})}, report.Untestable, "the subject's time cannot be moved; add clock to the manifest (a request that moves it) (in \"later\"; 1 of 2 scenarios passed)", report.ConformantWithGaps},
		"no gap":         {suiteRow{"FRM-01", "SHOULD", "", scenarios(good, suiteScenario{"later", "@clock", "nothing"})}, report.Untestable, "the subject's time cannot be moved", report.Conformant},
		"part":           {suiteRow{"FRM-01", "MUST", "", scenarios(good, suiteScenario{"more", "@needs:throttle", "GET /a answers 404"})}, report.Pass, "", report.Conformant},
		"excluded":       {suiteRow{"FRM-01", "MUST", "    excluded: nobody sees it\n", nil}, report.Untestable, "not judged: nobody sees it", report.EnvironmentError},
		"undefined":      {suiteRow{"FRM-01", "MUST", "", scenarios(good, suiteScenario{"new", "", "nothing; never heard of; nothing"})}, report.Untestable, `the harness failed: step "never heard of"`, report.HarnessError},
		"undefined late": {suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"new", "", "GET /a answers 404; never heard of"})}, report.Untestable, `the harness failed: step "never heard of"`, report.HarnessError},
		"pending":        {suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"new", "", "pending"})}, report.Untestable, "the harness failed", report.HarnessError},
		"skipped":        {suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"new", "", "nothing; skip; nothing"})}, report.Untestable, "the harness failed", report.HarnessError},
		"ambiguous":      {suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"new", "", "twice"})}, report.Untestable, "the harness failed", report.HarnessError},
		"broken hook":    {suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"new", "", "what follows breaks; nothing"})}, report.Untestable, "the harness failed: cannot tidy up", report.HarnessError},
		"panic":          {suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"new", "", "panic"})}, report.Untestable, `the harness failed: step "panic": at the step`, report.HarnessError},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := newServer(t)
			r := run(t, newManifest(url), conformance.Options{}.JudgedBy(newSuite(test.row), nil))
			row := r.Requirements[0]
			if row.Verdict != test.verdict || !strings.HasPrefix(row.Reason, test.reason) || r.Conclusion != test.conclusion {
				t.Errorf("got %s (%s), %s, errors %v", row.Verdict, row.Reason, r.Conclusion, r.Errors)
			}
		})
	}
}

func TestOutlinesRunEachRowOnce(t *testing.T) {
	t.Parallel()
	suite := newSuite(suiteRow{"FRM-01", "MUST", "", make([]suiteScenario, 3)})
	suite["form/rows.feature"] = &fstest.MapFile{Data: []byte(`@form
Feature: rows

  Scenario Outline: outline
    * GET <path> answers <status>

    @FRM-01
    Examples:
      | path | status |
      | /a   | 200    |
      | /b   | 404    |

    @FRM-01 @needs:throttle
    Examples:
      | path | status |
      | /c   | 404    |
`)}
	url, requests := newServer(t)
	r := run(t, newManifest(url), conformance.Options{Workers: 1}.JudgedBy(suite, nil))
	var got []string
	for _, s := range r.Requirements[0].Scenarios {
		got = append(got, s.Name+" "+string(s.Outcome))
	}
	want := "[outline (/a, 200) passed outline (/b, 404) failed outline (/c, 404) not-applicable]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if n := requests.Load(); n != 4 { // the first asked whether the server is there; the failure was tried twice
		t.Errorf("%d requests were sent", n)
	}
}

func TestEvidenceHoldsNoSecret(t *testing.T) {
	t.Parallel()
	url, _ := newServer(t)
	suite := newSuite(suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"bad", "", "GET /a answers 404"})})
	r := run(t, newManifest(url), conformance.Options{}.JudgedBy(suite, nil))
	var text, data bytes.Buffer
	if err := errors.Join(r.WriteText(&text), r.WriteJSON(&data)); err != nil {
		t.Fatal(err)
	}
	for _, written := range []string{text.String(), data.String()} {
		if strings.Contains(written, "s3cret-word") || !strings.Contains(written, "[password-1]") {
			t.Errorf("the password shows:\n%s", written)
		}
	}
	s := r.Requirements[0].Scenarios[0]
	if s.FailedStep != "GET /a answers 404" || s.Error != "expected 404, got 200 with [password-1]" || len(s.Exchanges) != 1 {
		t.Errorf("the evidence is thin: %+v", s)
	}
	begins := "# GET /a answers 404: expected 404, got 200 with [password-1]\n" +
		`: "${PASSWORD_1:?set it to dialects.form.accounts.full.password of the manifest}"` + "\nSUBJECT_HTTP=${SUBJECT_HTTP:-" + url + "}\n"
	if !strings.HasPrefix(s.Reproduce, begins) || !strings.HasSuffix(s.Reproduce, ` "$SUBJECT_HTTP"'/a?password='"$PASSWORD_1"`) {
		t.Errorf("the reproduction is %s", s.Reproduce)
	}
	var parsed map[string]any
	if err := json.Unmarshal(data.Bytes(), &parsed); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"conclusion", "subject", "suite", "counts", "requirements", "errors", "started", "ended", "schema", "manifest", "planned"} {
		if _, there := parsed[key]; !there {
			t.Errorf("the JSON report lacks %s", key)
		}
	}
	if len(parsed) != 11 {
		t.Errorf("the JSON report has %d members", len(parsed))
	}
}

// TestReferencesAreSecrets: what came from the environment is in no output, under
// whatever key it stands.
func TestReferencesAreSecrets(t *testing.T) {
	t.Parallel()
	url, _ := newServer(t)
	values := map[string]string{"BACK_OFFICE": url, "PATH_OF_IT": "/tenants/8fe1c2d0-unlisted", "PASS_PHRASE": "s3cret-word", "NAME_OF_IT": "Contoso-internal-7", "CLOCK_KEY": "openthegate"}
	text := `name: judged for ${NAME_OF_IT}
subject: {url: "${BACK_OFFICE}${PATH_OF_IT}"}
clock: {path: "/clock?key=${CLOCK_KEY}&by={seconds}"}
dialects: {form: {accounts: {full: {login: someone, password: "${PASS_PHRASE}"}}}}
`
	m, err := manifest.Parse("test.yaml", []byte(text), func(name string) (string, bool) { value, set := values[name]; return value, set })
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	r := run(t, m, conformance.Options{Say: func(line string) { said.WriteString(line + "\n") }}.JudgedBy(newSuite(
		suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"one", "", "GET /a answers 404"})},
		suiteRow{"FRM-02", "MUST", "", scenarios(suiteScenario{"two", "@clock", "time passes"})},
	), nil))
	if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Text, "the subject's clock was not moved: POST") {
		t.Errorf("got %+v, %+v", r.Errors, r.Requirements)
	}
	outputs := map[string]string{"progress": said.String()}
	for form, write := range reportForms(r) {
		var out strings.Builder
		if err := write(&out); err != nil && form != "messages" {
			t.Fatal(err)
		}
		outputs[form] = out.String()
	}
	for form, output := range outputs {
		for name, value := range values {
			if strings.Contains(output, value) {
				t.Errorf("%s: it holds the value of %s", form, name)
			}
		}
	}
	script := r.Requirements[0].Scenarios[0].Reproduce
	if !strings.Contains(script, "set it to the variable BACK_OFFICE of the manifest") {
		t.Errorf("the script asks for no variable:\n%s", script)
	}
}

func TestLedger(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 3, 31, 23, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		entry      manifest.Deviation
		verdict    report.Verdict
		conclusion report.Conclusion
		problem    string
	}{
		"known":   {manifest.Deviation{ID: "FRM-02", Until: "2026-03-31"}, report.KnownDeviation, report.ConformantWithGaps, ""},
		"over":    {manifest.Deviation{ID: "FRM-02", Until: "2026-03-30"}, report.Fail, report.NonConformant, "known deviation FRM-02: it ended on 2026-03-30"},
		"stale":   {manifest.Deviation{ID: "FRM-01", Until: "2026-12-31"}, report.Fail, report.NonConformant, "known deviation FRM-01: the subject passes it"},
		"unknown": {manifest.Deviation{ID: "FRM-99", Until: "2026-12-31"}, report.Fail, report.NonConformant, "known deviation FRM-99: no requirement has that id"},
		"other":   {manifest.Deviation{ID: "FRM-02", Dialect: "rpc", Until: "2026-12-31"}, report.Fail, report.NonConformant, "known deviation FRM-02: no requirement has that id"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := newServer(t)
			m := newManifest(url)
			m.KnownDeviations = []manifest.Deviation{test.entry}
			r := run(t, m, conformance.Options{Now: func() time.Time { return today }}.JudgedBy(newSuite(
				suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"good", "", "GET /a answers 200"})},
				suiteRow{"FRM-02", "MUST", "", scenarios(suiteScenario{"bad", "", "GET /a answers 404"})},
			), nil))
			problem := ""
			if len(r.Errors) > 0 {
				problem = r.Errors[0].Text
			}
			if r.Requirements[1].Verdict != test.verdict || r.Conclusion != test.conclusion || !strings.HasPrefix(problem, test.problem) || (test.problem == "") != (problem == "") {
				t.Errorf("got %s, %s, %q", r.Requirements[1].Verdict, r.Conclusion, problem)
			}
		})
	}
}

func TestPhasesRunOneAfterAnother(t *testing.T) {
	t.Parallel()
	url, _ := newServer(t)
	var running, concurrent atomic.Int64
	var order []string
	record := func(sc *godog.ScenarioContext, _ string, _ *exchange.Subject, _ *evidence.Log) error {
		sc.Step(`^(plain|flood|alone|clock|guess|throttle)$`, func(phase string) error {
			if running.Add(1) > 1 {
				concurrent.Add(1)
			}
			defer running.Add(-1)
			if phase != "plain" {
				order = append(order, phase)
			}
			return nil
		})
		return nil
	}
	m := newManifest(url)
	m.Clock = &manifest.Clock{Method: "POST", Path: "/clock", Body: "{seconds}"}
	r, err := conformance.Run(t.Context(), m, conformance.Options{Workers: 1}.JudgedBy(newSuite(suiteRow{"FRM-01", "MUST", "", scenarios(
		suiteScenario{"e", "@throttle", "throttle"}, suiteScenario{"d", "@clock", "clock"}, suiteScenario{"c", "@alone", "alone"},
		suiteScenario{"f", "@throttle @clock", "throttle"}, suiteScenario{"g", "@guess @alone", "guess"}, suiteScenario{"b", "@flood", "flood"}, suiteScenario{"a", "", "plain"},
	)}), record))
	if err != nil || r.Conclusion != report.Conformant {
		t.Fatalf("%v %+v", err, r)
	}
	if fmt.Sprint(order) != "[flood alone clock guess throttle throttle]" || concurrent.Load() != 0 {
		t.Errorf("the order was %v, %d at once", order, concurrent.Load())
	}
}

func TestSelection(t *testing.T) {
	t.Parallel()
	suite := newSuite(
		suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"one", "", "nothing"})},
		suiteRow{"FRM-02", "MUST", "", scenarios(suiteScenario{"two", "", "nothing"})},
	)
	url, _ := newServer(t)
	r := run(t, newManifest(url), conformance.Options{Only: []string{"FRM-02"}}.JudgedBy(suite, nil))
	if len(r.Requirements) != 1 || r.Requirements[0].ID != "FRM-02" || r.Suite.Only[0] != "FRM-02" {
		t.Errorf("judged %+v", r.Requirements)
	}
	for problem, o := range map[string]conformance.Options{
		`no requirement "FRM-2"; did you mean FRM-02?`:                            {Only: []string{"FRM-2"}},
		`no requirement "NOSUCH"; ids look like FRM-01`:                           {Only: []string{"NOSUCH"}},
		`no dialect "latin"; there are session, form, rpc, scoped`:                {Dialects: []string{"latin"}},
		`the manifest does not declare the dialect session; add dialects.session`: {Dialects: []string{"session"}},
	} {
		o = o.JudgedBy(suite, nil)
		_, err := conformance.Run(t.Context(), newManifest(url), o)
		var usage *conformance.UsageError
		if !errors.As(err, &usage) || usage.Problem != problem {
			t.Errorf("got %v, not %s", err, problem)
		}
	}
}

func TestUnreachableSubject(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	suite := newSuite(suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"one", "", "nothing"})})
	r := run(t, newManifest(server.URL), conformance.Options{}.JudgedBy(suite, nil))
	if r.Conclusion != report.EnvironmentError || r.Requirements[0].Verdict != report.Untestable || len(r.Errors) != 1 ||
		!strings.Contains(r.Errors[0].Text, "the subject does not answer: GET "+server.URL+"/: ") {
		t.Errorf("got %s, %+v", r.Conclusion, r.Errors)
	}
}

func TestBrokenClockBlamesTheEnvironment(t *testing.T) {
	t.Parallel()
	url, _ := newServer(t)
	m := newManifest(url)
	m.Clock = &manifest.Clock{Method: "POST", Path: "/clock", Body: "{seconds}"}
	r := run(t, m, conformance.Options{}.JudgedBy(newSuite(
		suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"one", "", "nothing"}, suiteScenario{"two", "@clock", "time passes"}, suiteScenario{"three", "@clock", "time passes"})},
	), nil))
	if r.Conclusion != report.EnvironmentError || r.Requirements[0].Verdict != report.Untestable || len(r.Errors) != 1 ||
		!strings.Contains(r.Errors[0].Text, "/clock\" answered \"404 Not Found\"; check clock in the manifest") {
		t.Errorf("got %s, %+v", r.Conclusion, r.Errors)
	}
}

func TestInterruptedRun(t *testing.T) {
	t.Parallel()
	url, _ := newServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	m := newManifest(url)
	stopAt := func(line string) { cancel() } // the first line says that judging begins
	r, err := conformance.Run(ctx, m, conformance.Options{Say: stopAt}.JudgedBy(newSuite(suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"one", "", "nothing"})}), fakeSteps))
	if err != nil || r.Conclusion != report.EnvironmentError || r.Requirements[0].Verdict != report.Untestable ||
		r.Requirements[0].Reason != "the run was interrupted before it" {
		t.Errorf("got %v, %+v", err, r)
	}
}

func TestSubjectThatDies(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == 3 { // the first asked whether it is there, the second was judged
			server.Listener.Close()
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(server.Close)
	step := func(path string) []suiteScenario {
		return scenarios(suiteScenario{path, "@alone", "GET /" + path + " answers 200"})
	}
	r := run(t, newManifest(server.URL), conformance.Options{}.JudgedBy(newSuite(
		suiteRow{"FRM-01", "MUST", "", step("before")}, suiteRow{"FRM-02", "MUST", "", step("during")}, suiteRow{"FRM-03", "MUST", "", step("after")},
	), nil))
	verdicts := fmt.Sprintf("%s %s %s", r.Requirements[0].Verdict, r.Requirements[1].Verdict, r.Requirements[2].Verdict)
	if r.Conclusion != report.EnvironmentError || verdicts != "pass untestable untestable" || len(r.Errors) != 1 ||
		!strings.HasPrefix(r.Errors[0].Text, `the subject stopped answering during FRM-02, "during": GET `+server.URL) ||
		r.Requirements[2].Reason != "the subject stopped answering before it" {
		t.Errorf("got %s, %s, %v, %+v", r.Conclusion, verdicts, r.Errors, r.Requirements)
	}
}

// TestUnresponsiveSubject gives up a dialect that answers nothing, and does not call
// the rest broken.
func TestUnresponsiveSubject(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/unresponsive" {
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(server.Close)
	for level, want := range map[string]struct {
		verdict    report.Verdict
		conclusion report.Conclusion
	}{
		"MUST": {report.Fail, report.NonConformant}, "SHOULD": {report.Warn, report.EnvironmentError},
	} {
		var rows []suiteRow
		for i := range 12 {
			rows = append(rows, suiteRow{fmt.Sprintf("FRM-%02d", i+1), level, "", scenarios(suiteScenario{fmt.Sprintf("case %d", i), "@alone", "GET /unresponsive answers 200"})})
		}
		r := run(t, newManifest(server.URL), conformance.Options{}.JudgedBy(newSuite(rows...), nil))
		if r.Conclusion != want.conclusion || r.Counts[want.verdict] != 8 || r.Counts[report.Untestable] != 4 ||
			r.Requirements[11].Reason != "not tried, for 8 scenarios in a row got no answer" {
			t.Errorf("%s: got %s, %v, %+v", level, r.Conclusion, r.Counts, r.Requirements[11])
		}
	}
}

func TestScenarioTimeout(t *testing.T) {
	t.Parallel()
	url, _ := newServer(t)
	r := run(t, newManifest(url), conformance.Options{ScenarioTimeout: 50 * time.Millisecond}.JudgedBy(newSuite(
		suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"slow", "", "it lasts"})},
	), nil))
	if r.Conclusion != report.NonConformant || !strings.Contains(r.Requirements[0].Reason, "context deadline exceeded") {
		t.Errorf("got %s, %+v", r.Conclusion, r.Requirements)
	}
}

func TestBrokenSuiteIsTheHarnessesFault(t *testing.T) {
	t.Parallel()
	url, _ := newServer(t)
	r := run(t, newManifest(url), conformance.Options{}.JudgedBy(fstest.MapFS{}, nil))
	if r.Conclusion != report.HarnessError || !strings.Contains(r.Errors[0].Text, "the suite has no requirements") {
		t.Errorf("got %s, %+v", r.Conclusion, r.Errors)
	}
}
