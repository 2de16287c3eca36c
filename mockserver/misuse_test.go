package mockserver_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/mockserver"
)

// TestMisuses lets clients misuse tokens, each in one way, and right clients do what
// looks like it.
func TestMisuses(t *testing.T) {
	t.Parallel()
	type client func(*testing.T, *mockserver.Server, mockserver.Tokens)
	outage := mockserver.Fault{Effect: mockserver.Outage, RetryAfter: mockserver.Duration(5 * time.Second), Times: 1, Operation: mockserver.Resource}
	for name, test := range map[string]struct {
		client client
		want   mockserver.MisuseKind // "": none
	}{
		"right": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			users(t, m, tokens.Access)
			users(t, m, tokenOf(t, refresh(t, m, tokens).body))
		}, ""},
		"token in a query": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			ask(t, m.Client(), m, http.MethodGet, "/users?token="+tokens.Access, "")
		}, mockserver.TokenInURL},
		"the documented query": {func(t *testing.T, m *mockserver.Server, _ mockserver.Tokens) {
			ask(t, m.Client(), m, http.MethodGet, "/login?token="+issue(t, m, "form").Access, "")
		}, ""},
		"refresh token to a resource": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			users(t, m, tokens.Refresh)
		}, mockserver.RefreshTokenToResource},
		"refresh token twice": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			refresh(t, m, tokens)
			refresh(t, m, tokens)
		}, mockserver.TokenAfterRotation},
		"after a revocation": {func(t *testing.T, m *mockserver.Server, _ mockserver.Tokens) {
			token := issue(t, m, "form").Access
			ask(t, m.Client(), m, http.MethodDelete, "/login?token="+token, "")
			get(t, m.Client(), m, token)
		}, mockserver.TokenAfterRevocation},
		"after a logout by the id of its session": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			ask(t, m.Client(), m, http.MethodDelete, "/sessions/"+ids(t, m, "/sessions", tokens.Access)[0], "", "Authorization: Bearer "+tokens.Access)
			users(t, m, tokens.Access)
		}, mockserver.TokenAfterRevocation},
		"a refresh after a logout by the id": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			ask(t, m.Client(), m, http.MethodDelete, "/sessioni/"+ids(t, m, "/sessions", tokens.Access)[0], "", "Authorization: Bearer "+tokens.Access)
			refresh(t, m, tokens)
		}, mockserver.TokenAfterRevocation},
		"after the end of its token by its id": {func(t *testing.T, m *mockserver.Server, _ mockserver.Tokens) {
			token := issue(t, m, "scoped").Access
			for _, id := range ids(t, m, "/api/v1/tokens", token) {
				ask(t, m.Client(), m, http.MethodDelete, "/api/v1/tokens/"+id, "", "Authorization: Bearer "+token)
			}
			ask(t, m.Client(), m, http.MethodGet, "/api/v1/objects", "", "Authorization: Bearer "+token)
		}, mockserver.TokenAfterRevocation},
		"after another one has ended its session": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			other := issue(t, m, "session")
			for _, id := range ids(t, m, "/sessions", tokens.Access) {
				if id != grant.SessionID(other.Access) {
					ask(t, m.Client(), m, http.MethodDelete, "/sessions/"+id, "", "Authorization: Bearer "+other.Access)
				}
			}
			users(t, m, tokens.Access)
		}, ""},
		"after it has ended another session": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			other := issue(t, m, "session")
			ask(t, m.Client(), m, http.MethodDelete, "/sessions/"+grant.SessionID(tokens.Access), "", "Authorization: Bearer "+other.Access)
			users(t, m, other.Access)
		}, ""},
		"a logout repeated after a lost reply": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			inject(t, m, mockserver.Fault{Effect: mockserver.LostReply, Operation: mockserver.Revoke, Times: 1})
			for range 2 {
				ask(t, m.Client(), m, http.MethodDelete, "/sessions/"+grant.SessionID(tokens.Access), "", "Authorization: Bearer "+tokens.Access)
			}
		}, ""},
		"after a logout with another token in its body": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			body := `{"token":"` + issue(t, m, "session").Access + `"}`
			ask(t, m.Client(), m, http.MethodDelete, "/sessions/"+grant.SessionID(tokens.Access), body, "Authorization: Bearer "+tokens.Access)
			users(t, m, tokens.Access)
		}, mockserver.TokenAfterRevocation},
		"after a logout that was refused": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			inject(t, m, mockserver.Fault{Effect: mockserver.Outage, Operation: mockserver.Revoke, Times: 1})
			ask(t, m.Client(), m, http.MethodDelete, "/sessions/"+ids(t, m, "/sessions", tokens.Access)[0], "", "Authorization: Bearer "+tokens.Access)
			users(t, m, tokens.Access)
		}, ""},
		"Retry-After ignored": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			inject(t, m, outage)
			users(t, m, tokens.Access)
			m.Advance(4 * time.Second)
			users(t, m, tokens.Access)
		}, mockserver.RetryAfterIgnored},
		"Retry-After kept": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			inject(t, m, outage)
			users(t, m, tokens.Access)
			refresh(t, m, tokens) // another operation need not wait
			m.Advance(5 * time.Second)
			users(t, m, tokens.Access)
		}, ""},
		"storm": {func(t *testing.T, m *mockserver.Server, _ mockserver.Tokens) {
			token := issue(t, m, "form").Access
			for range 11 {
				ask(t, m.Client(), m, http.MethodPut, "/login", `{"token":"`+token+`"}`)
			}
		}, mockserver.RefreshStorm},
		"no storm": {func(t *testing.T, m *mockserver.Server, _ mockserver.Tokens) {
			token := issue(t, m, "form").Access
			for range 20 {
				ask(t, m.Client(), m, http.MethodPut, "/login", `{"token":"`+token+`"}`)
				m.Advance(100 * time.Millisecond)
			}
		}, ""},
		"redirected with its token": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			inject(t, m, mockserver.Fault{Effect: mockserver.Redirect, Times: 1})
			client := &http.Client{CheckRedirect: func(next *http.Request, via []*http.Request) error {
				next.Header = via[0].Header.Clone()
				return nil
			}, Transport: m.Client().Transport}
			ask(t, client, m, http.MethodGet, "/users", "", "Authorization: Bearer "+tokens.Access)
		}, mockserver.CredentialsToOtherHost},
		"redirected with what is no token": {func(t *testing.T, m *mockserver.Server, _ mockserver.Tokens) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.URL+"/users", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			req.Host, req.Header["Authorization"] = "other.example", []string{"Token abc"}
			resp, err := m.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		}, mockserver.CredentialsToOtherHost},
		"redirected without it": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			inject(t, m, mockserver.Fault{Effect: mockserver.Redirect, Times: 1})
			ask(t, m.Client(), m, http.MethodGet, "/users", "", "Authorization: Bearer "+tokens.Access)
		}, ""},
		"Basic after a token": {func(t *testing.T, m *mockserver.Server, _ mockserver.Tokens) {
			for _, method := range []string{"auth.AuthenticationService.AuthenticateEx", "domain.DomainService.GetVersion"} {
				body := `{"method":"axxonsoft.bl.` + method + `","data":{"user_name":"root","password":"root"}}`
				ask(t, m.Client(), m, http.MethodPost, "/grpc", body, "Authorization: Basic cm9vdDpyb290")
			}
		}, mockserver.PasswordAfterToken},
		"renewal repeated after a lost reply": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			inject(t, m, mockserver.Fault{Effect: mockserver.Garble, Operation: mockserver.Renewal, Times: 1})
			refresh(t, m, tokens)
			refresh(t, m, tokens)
		}, ""},
		"revoked by the test": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			if err := m.Revoke(tokens.Access); err != nil {
				t.Error(err)
			}
			users(t, m, tokens.Access) // the client cannot know
		}, ""},
		"a renewal by a query": {func(t *testing.T, m *mockserver.Server, _ mockserver.Tokens) {
			ask(t, m.Client(), m, http.MethodPut, "/login?token="+issue(t, m, "form").Access, "")
		}, mockserver.TokenInURL},
		"redirected with its password": {func(t *testing.T, m *mockserver.Server, _ mockserver.Tokens) {
			inject(t, m, mockserver.Fault{Effect: mockserver.Redirect, Times: 1})
			ask(t, m.Client(), m, http.MethodPost, "/sessions", login)
		}, mockserver.CredentialsToOtherHost},
		"Retry-After of another dialect": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			inject(t, m, outage)
			users(t, m, tokens.Access)
			get(t, m.Client(), m, issue(t, m, "form").Access)
		}, ""},
		"Retry-After of a connection that closed": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			inject(t, m, mockserver.Fault{Effect: mockserver.LostReply, Operation: mockserver.Resource, Times: 1})
			m.Handle("GET /orders", retryLater)
			for range 2 {
				askOnce(t, m, "/orders", tokens.Access)
			}
		}, ""},
		"Retry-After of an own route ignored": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			m.Handle("GET /orders", retryLater)
			for range 2 {
				askOnce(t, m, "/orders", tokens.Access)
			}
		}, mockserver.RetryAfterIgnored},
		"Retry-After ignored over gRPC": {func(t *testing.T, m *mockserver.Server, _ mockserver.Tokens) {
			inject(t, m, mockserver.Fault{Effect: mockserver.Quota, Times: 1})
			domain := rpcpb.NewDomainServiceClient(dial(t, m))
			token := issue(t, m, "rpc").Access
			for range 2 {
				_, _ = domain.GetVersion(withToken(t.Context(), token), &rpcpb.GetVersionRequest{})
			}
		}, mockserver.RetryAfterIgnored},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := mockserver.New(t, mockserver.WithMisuse(mockserver.MisuseWarn))
			mock.Clock().Stop()
			test.client(t, mock, issue(t, mock, "session"))
			found := map[mockserver.MisuseKind]bool{}
			for _, m := range mock.Misuses() {
				found[m.Kind] = true
			}
			if len(found) > 1 || test.want == "" && len(found) > 0 || test.want != "" && !found[test.want] {
				t.Errorf("found %v, want %q", mock.Misuses(), test.want)
			}
		})
	}
}

// ids are those of the sessions or tokens of a list.
func ids(t *testing.T, m *mockserver.Server, path, token string) []string {
	t.Helper()
	list := ask(t, m.Client(), m, http.MethodGet, path, "", "Authorization: Bearer "+token)
	var found []string
	for _, match := range regexp.MustCompile(`"_?id": ?"([^"]+)"`).FindAllStringSubmatch(list.body, -1) {
		found = append(found, match[1])
	}
	if len(found) == 0 {
		t.Fatalf("no id in the answer to GET %s: %+v", path, list)
	}
	return found
}

// TestMisuseFailsTheTest fails the test at its end, and only where that is asked for.
func TestMisuseFailsTheTest(t *testing.T) {
	t.Parallel()
	for level, want := range map[mockserver.MisuseLevel]int{mockserver.MisuseOff: 0, mockserver.MisuseWarn: 0, mockserver.MisuseFail: 1} {
		tb := &ending{told: told{TB: t}}
		mock := mockserver.New(tb, mockserver.WithMisuse(level))
		tokens := issue(t, mock, "session")
		users(t, mock, tokens.Refresh)
		tb.end()
		if len(tb.errors) != want || want > 0 && !strings.Contains(tb.errors[0], "refresh_token_to_resource") {
			t.Errorf("level %d: the test says %q", level, tb.errors)
		}
		if got := len(mock.Misuses()); (got > 0) != (level > mockserver.MisuseOff) {
			t.Errorf("level %d: %d misuses", level, got)
		}
	}
}

// ending is a test that ends when it is told to.
type ending struct {
	told
	cleanups []func()
}

func (e *ending) Fatalf(s string, args ...any) { e.Errorf(s, args...) }
func (e *ending) Cleanup(f func())             { e.cleanups = append(e.cleanups, f) }

func (e *ending) end() {
	for _, f := range e.cleanups {
		f()
	}
}

// retryLater is a route whose answer asks the client to wait.
var retryLater = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "5")
	w.WriteHeader(http.StatusServiceUnavailable)
})

// askOnce sends a request that the transport does not repeat.
func askOnce(t *testing.T, m *mockserver.Server, path, token string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if resp, err := plain(m).Do(r); err == nil {
		_ = resp.Body.Close()
	}
}
