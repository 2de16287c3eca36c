package manifest_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

const minimal = `subject:
  url: http://127.0.0.1:8080/
dialects:
  session:
    accounts:
      full: {email: a@example.com, password: "${SESSION_PASSWORD}"}
`

func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, set := values[name]
		return value, set
	}
}

func parse(text string) (*manifest.Manifest, error) {
	return manifest.Parse("dragoman.yaml", []byte(text), environment(map[string]string{"SESSION_PASSWORD": "s3: cret # \"yes\"", "EMPTY": ""}))
}

func TestParseCompletesWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	m, err := parse(minimal + `  form: {accounts: {full: {login: a, password: b}}, throttle: {}}
  rpc: {http: {}, accounts: {full: {login: a, password: b}}}
  scoped:
    accounts: {full: {login: a, password: b}}
    resources: {list: /things}
clock: {path: /clock, body: '{"s":{seconds}}'}
`)
	if err != nil {
		t.Fatal(err)
	}
	d := m.Dialects
	for what, ok := range map[string]bool{
		"name":             m.Name == "http://127.0.0.1:8080",
		"url":              m.Subject.URL == "http://127.0.0.1:8080",
		"ready":            m.Subject.Ready == manifest.Ready{Path: "/", Timeout: 30 * time.Second},
		"clock method":     m.Clock.Method == http.MethodPost,
		"password":         d.Session.Accounts.Full.Password == `s3: cret # "yes"`,
		"session paths":    d.Session.Login == "/sessions" && d.Session.Refresh == "/tokens" && d.Session.Protected == "/users",
		"session life":     d.Session.TokenLife == 10*time.Minute,
		"no sessions api":  d.Session.SessionsAPI == nil,
		"form lives":       d.Form.ShortLife == 24*time.Hour && d.Form.LongLife == 720*time.Hour,
		"form validTo":     d.Form.ValidTo == "auto" && d.Form.TimeZone == "UTC",
		"form throttle":    *d.Form.Throttle == manifest.Throttle{Attempts: 20, Wait: time.Minute},
		"rpc path":         d.RPC.HTTP.Path == "/grpc" && d.RPC.GRPC == nil,
		"scoped prefix":    d.Scoped.Prefix == "/api/v1",
		"scoped resources": d.Scoped.Resources.Item == "/things/42" && d.Scoped.Resources.Below == "/things/42/packets",
	} {
		if !ok {
			t.Errorf("%s is not as documented: %+v", what, m)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, problem string }{
		"an unknown key":       {strings.Replace(minimal, "accounts:", "acounts:", 1), `dragoman.yaml:5: unknown key "acounts" in dialects.session; did you mean "accounts"?`},
		"a far-off key":        {minimal + "zzzzzzzzz: 1\n", `dragoman.yaml:7: unknown key "zzzzzzzzz" in the manifest; known keys: clock, dialects, known_deviations, name, pace, public_key, subject`},
		"two wrong ports":      {strings.Replace(minimal, "dialects:", "  ports: {grpc: -1, http: 70000}\ndialects:", 1), "dragoman.yaml:3: subject.ports.http is 70000, which is no port"},
		"an unset variable":    {strings.Replace(minimal, "SESSION_PASSWORD", "NOWHERE", 1), "dragoman.yaml:6: dialects.session.accounts.full.password: the environment variable NOWHERE is not set; export it, or write $${NOWHERE} for the literal text"},
		"a missing password":   {strings.Replace(minimal, `, password: "${SESSION_PASSWORD}"`, "", 1), "dragoman.yaml:6: dialects.session.accounts.full.password is missing"},
		"an empty password":    {strings.Replace(minimal, "SESSION_PASSWORD", "EMPTY", 1), "dragoman.yaml:6: dialects.session.accounts.full.password is missing"},
		"a late port":          {strings.Replace(minimal, "8080", "${HTTP_PORT}", 1), "dragoman.yaml:2: subject.url: ${HTTP_PORT} is known only once the subject starts, and may stand in subject.command, subject.args and subject.env"},
		"no subject":           {"dialects: {form: {accounts: {full: {login: a, password: b}}}}\n", "dragoman.yaml:1: subject needs exactly one of image, dockerfile, command, url and builtin, and has none"},
		"two subjects":         {strings.Replace(minimal, "subject:\n", "subject:\n  builtin: true\n", 1), "dragoman.yaml:1: subject needs exactly one of image, dockerfile, command, url and builtin, and has builtin and url"},
		"half a URL":           {strings.Replace(minimal, "http://127.0.0.1:8080/", "localhost:8080", 1), `dragoman.yaml:2: subject.url has to be a whole URL, as "http://127.0.0.1:8080"`},
		"no dialect":           {"subject: {builtin: true}\n", "dragoman.yaml:1: dialects is missing: name at least one of session, form, rpc and scoped"},
		"a wrong type":         {strings.Replace(minimal, "accounts:", "token_life: soon\n    accounts:", 1), `dragoman.yaml:5: dialects.session.token_life has to be a duration as "10m" or "24h"`},
		"a bare number":        {strings.Replace(minimal, "accounts:", "token_life: 600\n    accounts:", 1), `dragoman.yaml:5: dialects.session.token_life has to be a duration as "10m" or "24h"`},
		"a word for a number":  {minimal + "  rpc: {http: {}, accounts: {full: {login: a, password: b}}, throttle: {attempts: many}}\n", "dragoman.yaml:7: dialects.rpc.throttle.attempts has to be a whole number"},
		"a word for a yes":     {strings.Replace(minimal, "accounts:", "inflection: maybe\n    accounts:", 1), "dragoman.yaml:5: dialects.session.inflection has to be true or false"},
		"a number for a yes":   {strings.Replace(minimal, "accounts:", "inflection: 1\n    accounts:", 1), "dragoman.yaml:5: dialects.session.inflection has to be true or false"},
		"a yes for a mapping":  {minimal + "  rpc: {http: true}\n", "dragoman.yaml:7: dialects.rpc.http has to be a mapping (indented keys below it, or {} for the defaults)"},
		"a list for a mapping": {"subject: [a]\n", "dragoman.yaml:1: subject has to be a mapping (indented keys below it, or {} for the defaults), not a list"},
		"a text for a mapping": {"subject: a\n", "dragoman.yaml:1: subject has to be a mapping (indented keys below it, or {} for the defaults)"},
		"a duplicate key":      {minimal + "name: a\nname: b\n", "dragoman.yaml:8: "},
		"two documents":        {minimal + "---\nname: x\n", "dragoman.yaml:8: a manifest is one YAML document, and a second begins here"},
		"nothing":              {"# only words\n", "dragoman.yaml: the manifest is empty"},
		"no container port":    {strings.Replace(minimal, "url: http://127.0.0.1:8080/", "image: vendor/server:1", 1), "dragoman.yaml:1: subject.ports.http is missing"},
		"no transport":         {minimal + "  rpc: {accounts: {full: {login: a, password: b}}}\n", "dragoman.yaml:7: dialects.rpc needs a transport: http: {} or grpc: {} or both"},
		"no gRPC address":      {minimal + "  rpc: {grpc: {}, accounts: {full: {login: a, password: b}}}\n", "dragoman.yaml:1: subject.grpc is missing"},
		"an empty section":     {minimal + "  rpc:\n", "dragoman.yaml:7: dialects.rpc is empty: write {} for the defaults, or leave the key out"},
		"a clock that stands":  {minimal + "clock: {path: /clock}\n", "dragoman.yaml:7: clock needs {seconds} in its path, body or command"},
		"two clocks":           {minimal + "clock: {path: '/clock/{seconds}', wait: 15m}\n", "dragoman.yaml:7: clock needs exactly one of path (a request), command and wait (how long to wait for real), and has path and wait"},
		"no clock":             {minimal + "clock: {method: PUT}\n", "dragoman.yaml:7: clock needs exactly one of path (a request), command and wait (how long to wait for real), and has none"},
		"a backward wait":      {minimal + "clock: {wait: -1m}\n", "dragoman.yaml:7: clock.wait has to be positive"},
		"half a certificate":   {strings.Replace(minimal, "dialects:", "  tls: {cert: a.pem}\ndialects:", 1), "dragoman.yaml:3: subject.tls needs cert and key together, or neither"},
		"half of another": {
			strings.Replace(minimal, "dialects:", "  grpc: a:1\ndialects:", 1) + "  rpc: {grpc: {tls: true, trust: {key: a.pem}}, accounts: {full: {login: a, password: b}}}\n",
			"dragoman.yaml:8: dialects.rpc.grpc.trust needs cert and key together, or neither",
		},
		"trust in clear": {
			strings.Replace(minimal, "dialects:", "  grpc: a:1\ndialects:", 1) + "  rpc: {grpc: {trust: {ca: a.pem}}, accounts: {full: {login: a, password: b}}}\n",
			"dragoman.yaml:8: dialects.rpc.grpc.trust needs tls: true beside it",
		},
		"an anchor":            {minimal + "name: &x y\n", "dragoman.yaml:7: anchors, aliases and tags are not for manifests; write the value out"},
		"an endless deviation": {minimal + "known_deviations:\n  - {id: SES-06, reason: r, link: l, until: soon}\n", "dragoman.yaml:8: known_deviations[0].until has to be the last day on which it counts, as 2027-01-31"},
		"a deviation anywhere": {minimal + "known_deviations:\n  - {id: SEC-06, reason: r, link: l, until: 2027-01-31}\n", "dragoman.yaml:8: known_deviations[0].dialect is missing: SEC-06 is judged in every dialect"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := parse(test.text)
			if err == nil {
				t.Fatalf("accepted: %+v", m)
			}
			var mistake *manifest.Error
			if !errors.As(err, &mistake) {
				t.Errorf("%T is no *manifest.Error", err)
			}
			if !strings.HasPrefix(err.Error(), test.problem) || strings.Contains(err.Error(), "\n") {
				t.Errorf("says  %s\nwants %s", err, test.problem)
			}
		})
	}
}

func TestParseKeepsLatePortsAndLiteralBraces(t *testing.T) {
	t.Parallel()
	m, err := parse(`subject:
  command: [server, "--listen=:${HTTP_PORT}", "$${HOME}"]
  env: {PORT: "${HTTP_PORT}"}
dialects: {form: {accounts: {full: {login: a, password: b}}}}
`)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(m.Subject.Command, " ") + " " + m.Subject.Env["PORT"]; got != "server --listen=:${HTTP_PORT} ${HOME} ${HTTP_PORT}" {
		t.Errorf("got %s", got)
	}
}

func TestParseKeepsTextsAsWritten(t *testing.T) {
	t.Parallel()
	m, err := parse(`subject:
  command: [server, 0x10, 1.50, true]
  env: {A: 007, B: no}
  ports: {http: "8080"}
dialects: {form: {accounts: {full: {login: 1_000, password: 0123}}}}
`)
	if err != nil {
		t.Fatal(err)
	}
	s, a := m.Subject, m.Dialects.Form.Accounts.Full
	if got := fmt.Sprint(s.Command, s.Env, s.Ports.HTTP, a); got != "[server 0x10 1.50 true] map[A:007 B:no] 8080 {1_000 0123}" {
		t.Errorf("got %s", got)
	}
}

func TestLoadStartsPathsAtTheManifest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "dragoman.yaml")
	text := "subject: {command: [./server], dir: build}\ndialects: {form: {accounts: {full: {login: a, password: b}}}}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := manifest.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "build"); m.Subject.Dir != want {
		t.Errorf("dir is %s, not %s", m.Subject.Dir, want)
	}
	if _, err := manifest.Load(filepath.Join(dir, "nosuch.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file is %v", err)
	}
}

func TestDeclares(t *testing.T) {
	t.Parallel()
	m, err := parse(minimal + "  rpc: {http: {}, accounts: {full: {login: a, password: b}}}\n")
	if err != nil {
		t.Fatal(err)
	}
	if !m.Declares("rpc", manifest.OverHTTP) || m.Declares("rpc", manifest.OverGRPC) || m.Declares("session", manifest.ClockControl) || m.Declares("form", manifest.Throttling) {
		t.Errorf("declares the wrong capabilities")
	}
	if !m.Speaks("rpc") || m.Speaks("form") || m.Speaks("latin") {
		t.Errorf("speaks the wrong dialects")
	}
	if got := manifest.LimitedAccount.Key("session"); got != "dialects.session.accounts.limited" {
		t.Errorf("names the key %s", got)
	}
}

// longestFuzzed bounds what FuzzParse tries, in bytes. Go spends time with the
// square of the length to minimize an input, and up to a minute on each, in
// which it reports no executions.
const longestFuzzed = 256

func FuzzParse(f *testing.F) {
	f.Add(minimal)
	f.Add("a: [${B}, {c: d}]")
	f.Add("subject: {command: [x, '$${y}']}\ndialects: {rpc: {grpc: {}}}")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > longestFuzzed {
			return
		}
		m, err := parse(text)
		if (m == nil) == (err == nil) {
			t.Fatalf("neither or both of a manifest and an error: %+v, %v", m, err)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("the error has several lines: %q", err)
		}
	})
}

// TestDeclaresHTTP: three dialects are over HTTP, and rpc is where its manifest
// says so.
func TestDeclaresHTTP(t *testing.T) {
	t.Parallel()
	m := &manifest.Manifest{Dialects: manifest.Dialects{Session: &manifest.Session{}, Form: &manifest.Form{}, RPC: &manifest.RPC{}}}
	for dialect, want := range map[string]bool{"session": true, "form": true, "rpc": false, "scoped": false} {
		if got := m.Declares(dialect, manifest.OverHTTP); got != want {
			t.Errorf("%s is declared over HTTP: %v", dialect, got)
		}
	}
	if m.Dialects.RPC.HTTP = (&manifest.RPCOverHTTP{}); !m.Declares("rpc", manifest.OverHTTP) {
		t.Error("rpc over HTTP is not declared")
	}
}
