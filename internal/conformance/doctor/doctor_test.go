package doctor_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/doctor"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// examine starts the reference in this process and examines it by a manifest
// that was changed.
func examine(t *testing.T, change func(m *manifest.Manifest, running *subject.Running)) []report.Finding {
	t.Helper()
	m := subject.Reference()
	running, err := subject.Start(t.Context(), m, subject.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer running.Stop()
	change(m, running)
	return doctor.Examine(t.Context(), &exchange.Subject{
		HTTP: running.HTTP, GRPC: running.GRPC, Manifest: m, Transport: running.Transport,
		Clock: subject.NewClock(running, m.Clock), Secrets: &evidence.Secrets{}, Timeout: time.Minute,
	}, running, spoken(m))
}

func spoken(m *manifest.Manifest) []string {
	return slices.DeleteFunc(manifest.DialectNames(), func(dialect string) bool { return !m.Speaks(dialect) })
}

func TestExamineFindsNothingWhereAllIsWell(t *testing.T) {
	t.Parallel()
	if found := examine(t, func(*manifest.Manifest, *subject.Running) {}); len(found) != 0 {
		t.Errorf("found %v", found)
	}
}

// TestShortPasswords: those that reports cannot hide well are noted, but for the
// reference's own.
func TestShortPasswords(t *testing.T) {
	t.Parallel()
	found := examine(t, func(m *manifest.Manifest, _ *subject.Running) {
		m.Subject.Builtin = false
		m.Dialects.Session, m.Dialects.Form, m.Dialects.RPC = nil, nil, nil
	})
	if len(found) != 2 || found[0].Where != "dialects.scoped.accounts.full.password" || found[1].Where != "dialects.scoped.accounts.limited.password" ||
		found[0].Severity != report.Note || !strings.Contains(found[0].Cause, "fewer than 8 characters") {
		t.Errorf("found %v", found)
	}
}

func TestExamine(t *testing.T) {
	t.Parallel()
	absent := "leave the key out if the subject lacks the capability"
	tests := map[string]struct {
		change func(m *manifest.Manifest, running *subject.Running)
		want   []string // the beginning of each finding, in order
	}{
		"a clock that is not there": {
			func(m *manifest.Manifest, _ *subject.Running) { m.Clock.Path = "/no/clock/{seconds}" },
			[]string{"clock: the subject's clock was not moved: POST "},
		},
		"a clock that is off": {
			func(_ *manifest.Manifest, r *subject.Running) { r.Ahead = -90 * time.Minute },
			[]string{"clock skew: the subject's Date is 1 hour 30 minutes behind this machine's time; it is reckoned with"},
		},
		"a Date that does not follow the clock": {
			func(_ *manifest.Manifest, r *subject.Running) { r.HTTP, r.Kind = dated(t, r.HTTP), "url" },
			[]string{"clock: the time was moved, and the Date of answers has not followed; let Date follow the clock, or start the subject afresh"},
		},
		"a Date that does not follow the clock of a subject that was started afresh": {
			func(_ *manifest.Manifest, r *subject.Running) { r.HTTP = dated(t, r.HTTP) }, nil,
		},
		"no clock": {
			func(m *manifest.Manifest, _ *subject.Running) { m.Clock = nil },
			[]string{"clock: there is none, so that rows about the ends of tokens cannot be judged; say in the clock section"},
		},
		"a clock that can only be waited for": {
			func(m *manifest.Manifest, _ *subject.Running) { m.Clock = &manifest.Clock{Wait: time.Minute} }, nil,
		},
		"an account that nobody knows": {
			func(m *manifest.Manifest, _ *subject.Running) { m.Dialects.Form.Accounts.Full.Password = "x" },
			[]string{"dialects.form.accounts.full: the login is refused: 401 Unauthorized; correct its name and password"},
		},
		"a limited account with rights": {
			func(m *manifest.Manifest, _ *subject.Running) {
				m.Dialects.Session.Accounts.Limited = &m.Dialects.Session.Accounts.Full
				m.Dialects.Scoped.Accounts.Limited = &m.Dialects.Scoped.Accounts.Full
			},
			[]string{
				"dialects.session.accounts.limited: this account may read the protected resource: 200 OK",
				"dialects.scoped.accounts.limited: this account may read the protected resource: 200 OK",
			},
		},
		"a limited account that nobody knows": {
			func(m *manifest.Manifest, _ *subject.Running) {
				m.Dialects.Form.Accounts.Limited = &manifest.LoginAccount{Login: "nobody", Password: "x"}
			},
			[]string{"dialects.form.accounts.limited: the login is refused: 401 Unauthorized; correct its name and password"},
		},
		"capabilities of session that are not there": {
			func(m *manifest.Manifest, _ *subject.Running) {
				s := m.Dialects.Session
				s.SessionsAPI.List, s.APIKey.Key = "/no/sessions", "no-such-key"
				s.Locales[0].Login, s.Locales[0].Protected = "/no/login", "/no/people"
			},
			[]string{
				"dialects.session.sessions_api: the list of sessions is not there: /no/sessions answers 404 Not Found; " + absent,
				"dialects.session.api_key: the key grants no access to what is declared as allowed: /users answers 401 Unauthorized; " + absent,
				"dialects.session.locales[0].login: the login of Italian is not there: /no/login answers 404",
				"dialects.session.locales[0].protected: the collection of Italian is not there: /no/people answers 404",
			},
		},
		"an rpc path that is not there": {
			func(m *manifest.Manifest, _ *subject.Running) { m.Dialects.RPC.HTTP.Path = "/no/rpc" },
			[]string{"dialects.rpc.accounts.full: there is no login at /no/rpc: it answers 404 Not Found; correct the paths in dialects.rpc.http.path"},
		},
		"gRPC where nobody listens": {
			func(m *manifest.Manifest, r *subject.Running) { r.GRPC = "127.0.0.1:1" },
			[]string{"dialects.rpc.grpc: AuthenticateEx over direct gRPC issues no token"},
		},
		"an rpc account that nobody knows, over gRPC alone": {
			func(m *manifest.Manifest, _ *subject.Running) {
				m.Dialects.RPC.HTTP, m.Dialects.RPC.Accounts.Full.Password = nil, "x"
			},
			[]string{"dialects.rpc.accounts.full: the login is refused: OK with error_code AUTHENTICATE_CODE_WRONG_CREDENTIALS"},
		},
		"paths of scoped that are not there": {
			func(m *manifest.Manifest, _ *subject.Running) {
				m.Dialects.Scoped.Resources.Other, m.Dialects.Scoped.Methods = "/no/fences", "/no/methods"
			},
			[]string{
				"dialects.scoped.resources.other: there is nothing at /api/v1/no/fences: it answers 404 Not Found; name a path that exists",
				"dialects.scoped.methods: the list of methods is not there: /api/v1/no/methods answers 404",
			},
		},
		"a method of the scoped list that is not there": {
			func(m *manifest.Manifest, _ *subject.Running) { m.Dialects.Scoped.Resources.Write = "PUT" },
			[]string{
				"dialects.scoped.resources.write: PUT /api/v1/objects answers 405 Method Not Allowed; " +
					"name a method that /api/v1/objects offers beside GET, and its body in write_body",
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := examine(t, test.change)
			ok := len(found) == len(test.want)
			for i := range min(len(found), len(test.want)) {
				ok = ok && strings.HasPrefix(found[i].String(), test.want[i])
			}
			if !ok {
				t.Errorf("found %s\nwant  %s", texts(found), strings.Join(test.want, "\n      "))
			}
			for _, f := range found {
				if f.Severity != severityOf(f) || f.Fix == "" {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

// severityOf is what a finding has to be: fatal where the manifest leaves
// nothing to judge by.
func severityOf(f report.Finding) report.Severity {
	switch {
	case strings.HasSuffix(f.Where, "accounts.full"), strings.Contains(f.Cause, "was not moved"):
		return report.Fatal
	case f.Where == "clock skew", strings.Contains(f.Cause, "there is none"):
		return report.Note
	}
	return report.Warning
}

// dated is a server behind one that writes its own Date.
func dated(t *testing.T, behind string) string {
	target, err := url.Parse(behind)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		r.Header.Del("Date")
		return nil
	}
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	return front.URL
}

func texts(found []report.Finding) string {
	var lines []string
	for _, f := range found {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n      ")
}

// TestExamineOtherServers: what the doctor says about servers that speak no
// dialect.
func TestExamineOtherServers(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		http.StatusOK:                  "the login answers 200 OK without a token that can be read; see whether the path",
		http.StatusInternalServerError: "the login fails in the subject: 500 Internal Server Error; look into the subject's log",
		http.StatusBadRequest:          "the login is refused: 400 Bad Request; correct its name and password",
		http.StatusFound:               "the login is refused: 302 Found",
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
			defer server.Close()
			found := examine(t, func(m *manifest.Manifest, r *subject.Running) {
				r.HTTP, m.Clock, m.Dialects = server.URL, &manifest.Clock{Wait: time.Minute}, manifest.Dialects{Form: m.Dialects.Form}
			})
			if len(found) != 1 || !strings.HasPrefix(found[0].String(), "dialects.form.accounts.full: "+want) {
				t.Errorf("found %s", texts(found))
			}
		})
	}
}
