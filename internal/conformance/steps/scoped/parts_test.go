package scoped

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
)

func stepsOf(w *shared.World) *steps {
	declared := &manifest.Scoped{
		Prefix: "/api/v1", Auth: "/auth/token", Tokens: "/tokens", Methods: "/methods",
		Accounts: manifest.LoginAccounts{Full: manifest.LoginAccount{Login: "me", Password: `a"b`}},
		Resources: manifest.Resources{
			List: "/things", Item: "/things/a%20b", Below: "/things/a%20b/logs", Other: "/places", Write: "PUT", WriteBody: `{}`,
		},
	}
	return &steps{World: w, declared: declared, names: fillIn(declared)}
}

// stillClock is a subject's clock that nobody moves.
type stillClock struct{}

func (stillClock) Now() time.Time                               { return time.Unix(1_800_000_000, 0) }
func (stillClock) Advance(context.Context, time.Duration) error { return nil }

func answerOf(body string) *exchange.Answer { return &exchange.Answer{Status: 200, Body: body} }

func TestNamesAreFilledIn(t *testing.T) {
	t.Parallel()
	s := stepsOf(&shared.World{})
	for text, expected := range map[string]string{
		"GET {list}/{id}/{below}":  "GET /things/a%20b/logs",
		"{write} {prefix}{list}":   "PUT /api/v1/things",
		"{OTHER} {other-segment}":  "/PLACES places",
		"{list}/{id}/{BELOW}":      "/things/a%20b/LOGS",
		`{"password":"{password}"`: `{"password":"a\"b"`,
	} {
		if got := s.names.Replace(text); got != expected {
			t.Errorf("%s: expected %s, got %s", text, expected, got)
		}
	}
}

// TestPathsAreSentAsTheyStand reads what comes over the wire, because tricks
// that a client corrects on the way judge nobody.
func TestPathsAreSentAsTheyStand(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	lines := make(chan string)
	go func() { // ends with the listener
		defer close(lines)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			line, _ := bufio.NewReader(conn).ReadString('\n')
			_, _ = conn.Write([]byte("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
			_ = conn.Close()
			lines <- line
		}
	}()
	s := stepsOf(&shared.World{Client: exchange.NewClient(&exchange.Subject{
		HTTP: "http://" + listener.Addr().String(), Transport: &http.Transport{DisableKeepAlives: true},
		Clock: stillClock{}, Secrets: &evidence.Secrets{}, Timeout: 10 * time.Second,
	}, "scoped", &evidence.Log{})})
	for _, path := range []string{
		"{OTHER}", "{other}/", "/{other}", "{other}//", "{list}/..{other}", "{list}/%2e%2e{other}", "{list}%2F..%2F{other-segment}",
		"{list}//", "{list}/.", "{list}/%2e", "{list}/%2F", "{list}/x%2F{below}", "{list}/x%2f{below}", "{list}/x%252F{below}",
		"{list}/x//{below}", "{list}/..", "{list}/x/../..{other}", "{list}/x%2F..",
	} {
		sent := make(chan error, 1)
		go func() { sent <- s.sentWithout(t.Context(), "GET "+path) }()
		line := <-lines
		if err := <-sent; err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if want := "GET /api/v1" + s.names.Replace(path) + " HTTP/1.1\r\n"; line != want {
			t.Errorf("%s: expected %q on the wire, got %q", path, want, line)
		}
	}
}

func TestNamedMethods(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body  string
		named bool
	}{
		"texts":                {`["POST /x","GET /things/:id"]`, true},
		"texts with a prefix":  {`["get /api/v1/things/:thing"]`, true},
		"texts in an object":   {`{"data":{"list":["GET /things/{id}"]}}`, true},
		"objects":              {`[{"method":"GET","path":"/things/<id>","title":"Show it"}]`, true},
		"nested verbs":         {`{"/things/:id":{"get":{"summary":"GET"}}}`, true},
		"nested paths":         {`{"GET":["/things","/things/:id"]}`, true},
		"groups":               {`{"things":{"GET":{"one":"/things/:id"}}}`, true},
		"another verb":         {`["POST /things/:id"]`, false},
		"no parameter":         {`["GET /things/id"]`, false},
		"verb and path apart":  {`[{"method":"GET","path":"/things"},{"method":"PUT","path":"/things/:id"}]`, false},
		"verb from a neighbor": {`[["GET","PUT"],["/things/:id"]]`, false},
		"prose":                {`["Use GET /things/:id to read"]`, false},
	} {
		w := &shared.World{}
		w.Last = answerOf(tt.body)
		if err := stepsOf(w).namesMethod("GET {list}/:id"); (err == nil) != tt.named {
			t.Errorf("%s: expected named = %v, got %v", name, tt.named, err)
		}
	}
}

func FuzzReadMethod(f *testing.F) {
	f.Add("GET /objects/:id")
	f.Add("delete")
	f.Add("/x")
	f.Fuzz(func(t *testing.T, text string) {
		verb, path := readMethod(text, "", "")
		if verb != "" && !verbPattern.MatchString(verb) || path != "" && !strings.HasPrefix(path, "/") {
			t.Errorf("%q was read as %q and %q", text, verb, path)
		}
	})
}

func TestFiveYears(t *testing.T) {
	t.Parallel()
	const day = 24 * 60 * 60 * 1000
	for name, tt := range map[string]struct {
		days  int
		off   int // milliseconds
		right bool
	}{
		"365 days each":             {5 * 365, 0, true},
		"of the calendar":           {5*365 + 1, 0, true}, // 2027 to 2032, one leap day
		"a part of a second late":   {5 * 365, 999, true},
		"a second late":             {5 * 365, 1000, false},
		"two leap days":             {5*365 + 2, 0, false},
		"360 days each":             {5 * 360, 0, false},
		"five times 365.25 days":    {5 * 365, day + day/4, false},
		"six years":                 {6 * 365, 0, false},
		"a second before its years": {5 * 365, -1000, false},
	} {
		const issued = 1_800_000_000_000 // 2027-01-15
		w := &shared.World{}
		w.Last = answerOf(`{"issuedAt":` + number(issued) + `,"expiresAt":` + number(issued+tt.days*day+tt.off) + `}`)
		if err := stepsOf(w).livesFiveYears(); (err == nil) != tt.right {
			t.Errorf("%s: expected right = %v, got %v", name, tt.right, err)
		}
	}
}

func TestLifeWithoutIssuedAt(t *testing.T) {
	t.Parallel()
	const given = 1_800_000_000_000
	for off, right := range map[int]bool{0: true, 1900: true, -1900: true, 3100: false, -2100: false} {
		w := &shared.World{}
		w.Last = answerOf(`{"expiresAt":` + number(given+3_600_000+off) + `}`)
		w.Last.Before, w.Last.After = time.UnixMilli(given), time.UnixMilli(given+1000)
		if err := stepsOf(w).livesFor(3600); (err == nil) != right {
			t.Errorf("%d ms off: expected right = %v, got %v", off, right, err)
		}
	}
}

func TestScopesInAList(t *testing.T) {
	t.Parallel()
	s := stepsOf(&shared.World{})
	expected := []string{"GET /things", "PUT /api/v1/things"}
	for name, tt := range map[string]struct {
		shown any
		same  bool
	}{
		"as asked":      {[]any{"GET /things", "PUT /api/v1/things"}, true},
		"other order":   {[]any{"PUT /things", "GET /api/v1/things"}, true},
		"one too few":   {[]any{"GET /things"}, false},
		"one too many":  {[]any{"GET /things", "PUT /things", "GET /places"}, false},
		"another verb":  {[]any{"GET /things", "POST /things"}, false},
		"none":          {nil, false},
		"no strings":    {[]any{1, 2}, false},
		"a single text": {"GET /things, PUT /things", false},
	} {
		if err := s.compareScopes(expected, listEntry{"scopes": tt.shown}); (err == nil) != tt.same {
			t.Errorf("%s: expected same = %v, got %v", name, tt.same, err)
		}
	}
}

func number(n int) string { return strconv.Itoa(n) }
