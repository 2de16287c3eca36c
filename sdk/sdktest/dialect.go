package sdktest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/sdk"
)

// Subject is a dialect with a server that speaks it. The server is a handler of
// the test's own, the smaller the better; it is called without a network, by
// many goroutines.
type Subject struct {
	// Dialect logs in with credentials that Server accepts.
	Dialect sdk.Dialect
	// WrongPassword is the dialect with credentials that Server refuses; nil
	// if it logs in without asking the server.
	WrongPassword sdk.Dialect
	// Server serves the token endpoints and the resource.
	Server http.Handler
	// Resource is a path that answers GET with 2xx to a good token, and with a
	// rejection to everything else.
	Resource string
	// RejectAll makes Server reject the tokens that it has issued so far. nil
	// leaves out what needs it.
	RejectAll func()
	// Secrets are the credentials, which must not be printed.
	Secrets []string
}

// address is where the subject's server seems to be.
const address = "https://office.example"

// RunDialect tests a dialect, each rule in a subtest. For each it calls factory
// for a subject of this subtest's own.
func RunDialect(t *testing.T, factory func(t *testing.T) Subject) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(t *testing.T, s Subject)
	}{
		{"name", dialectName},
		{"login opens the resource", dialectLogin},
		{"authorize depends on the token alone", dialectAuthorize},
		{"no token is rejected", dialectNoToken},
		{"wrong password is final", dialectWrongPassword},
		{"renewal", dialectRenewal},
		{"inspection", dialectInspection},
		{"revocation", dialectRevocation},
		{"heals after a rejection", dialectHeals},
		{"many at once", dialectConcurrent},
		{"bad answers are errors", dialectBadAnswers},
		{"failures of the server are temporary", dialectTemporary},
		{"nothing secret is printed", dialectSecrets},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, factory(t)) })
	}
}

// newClient is a client of the subject, or of another server in its place.
func (s Subject) newClient(t *testing.T, server http.Handler, dialect sdk.Dialect) *sdk.Client {
	t.Helper()
	client, err := sdk.New(address, dialect, sdk.WithHTTPTransport(memhttp.Transport(server)), sdk.WithoutBackgroundRenewal(), sdk.WithAccount("test"))
	if err != nil {
		t.Fatalf("sdk.New: %v", err)
	}
	t.Cleanup(func() { _ = client.Stop(context.Background()) })
	return client
}

// mustToken returns the client's token.
func mustToken(t *testing.T, client *sdk.Client) sdk.Token {
	t.Helper()
	token, err := client.Token(t.Context())
	if err != nil || token.IsZero() {
		t.Fatalf("Token: %v, %v", token, err)
	}
	return token
}

// open gets the resource and returns its status.
func (s Subject) open(t *testing.T, client *sdk.Client) int {
	t.Helper()
	response, err := client.R(t.Context()).Get(s.Resource)
	if err != nil {
		t.Fatalf("GET %s: %v", s.Resource, err)
	}
	return response.StatusCode()
}

// send gets the resource with a token, or with none, past any client.
func (s Subject) send(t *testing.T, token sdk.Token) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+s.Resource, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !token.IsZero() {
		s.Dialect.Authorize(request.Header, token)
	}
	response, err := memhttp.Transport(s.Server).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func success(status int) bool { return status >= 200 && status < 300 }

func dialectName(t *testing.T, s Subject) {
	name := s.Dialect.Name()
	if name == "" || name != strings.ToLower(name) || strings.ContainsAny(name, " \t\n") {
		t.Errorf("Name is %q, want one word in lower case", name)
	}
	if s.Dialect.Name() != name {
		t.Error("Name changes")
	}
	if keyed, ok := s.Dialect.(sdk.Keyed); ok {
		if first, second := keyed.Key(), keyed.Key(); first != second {
			t.Errorf("Key is %q, and then %q", first, second)
		}
	}
}

func dialectLogin(t *testing.T, s Subject) {
	client := s.newClient(t, s.Server, s.Dialect)
	if status := s.open(t, client); !success(status) {
		t.Errorf("the resource answers %d to a fresh token", status)
	}
	token := mustToken(t, client)
	if token.Issued.IsZero() || !token.Expires.IsZero() && !token.Expires.After(token.Issued) {
		t.Errorf("the token is of %v and ends %v", token.Issued, token.Expires)
	}
}

func dialectAuthorize(t *testing.T, s Subject) {
	one, again, other := http.Header{}, http.Header{}, http.Header{}
	s.Dialect.Authorize(one, sdk.Token{Access: sdk.NewSecret("one")})
	s.Dialect.Authorize(again, sdk.Token{Access: sdk.NewSecret("one")})
	s.Dialect.Authorize(other, sdk.Token{Access: sdk.NewSecret("other")})
	if len(one) == 0 || fmt.Sprint(one) != fmt.Sprint(again) || fmt.Sprint(one) == fmt.Sprint(other) {
		t.Errorf("Authorize sets %d headers; the same for one token: %t; the same for two: %t",
			len(one), fmt.Sprint(one) == fmt.Sprint(again), fmt.Sprint(one) == fmt.Sprint(other))
	}
}

func dialectNoToken(t *testing.T, s Subject) {
	for name, token := range map[string]sdk.Token{"no token": {}, "a made-up token": {Access: sdk.NewSecret("made-up")}} {
		response := s.send(t, token)
		_ = response.Body.Close()
		if success(response.StatusCode) || !s.Dialect.Rejected(response) {
			t.Errorf("%s: the resource answers %d, and Rejected does not see it", name, response.StatusCode)
		}
	}
	for _, status := range []int{http.StatusOK, http.StatusUnauthorized, http.StatusInternalServerError} {
		const text = `{"some": "text"}`
		response := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}
		s.Dialect.Rejected(response)
		if body, err := io.ReadAll(response.Body); err != nil || string(body) != text {
			t.Errorf("Rejected changes the body of a response with %d: %q, %v; use sdk.PeekBody", status, body, err)
		}
	}
	for _, status := range []int{http.StatusOK, http.StatusForbidden, http.StatusNotFound, http.StatusInternalServerError} {
		if s.Dialect.Rejected(&http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}) {
			t.Errorf("Rejected takes %d for a bad token", status)
		}
	}
}

func dialectWrongPassword(t *testing.T, s Subject) {
	if !s.asks() {
		s.wantUnasked(t)
		return
	}
	err := s.newClient(t, s.Server, s.WrongPassword).Login(t.Context())
	var e *sdk.Error
	if !errors.As(err, &e) || e.Temporary || e.Dialect != s.Dialect.Name() || e.Op == "" {
		t.Errorf("a login with a wrong password: %v, want an *sdk.Error of this dialect that is not temporary", err)
	}
}

func dialectRenewal(t *testing.T, s Subject) {
	client := s.newClient(t, s.Server, s.Dialect)
	first := mustToken(t, client)
	for range 3 {
		next, err := client.Renew(t.Context())
		if err != nil {
			t.Fatalf("Renew: %v", err)
		}
		if next.Expires.Before(first.Expires) && !next.Expires.IsZero() {
			t.Errorf("Renew: the next token ends %v, the one before %v", next.Expires, first.Expires)
		}
		if status := s.open(t, client); !success(status) {
			t.Errorf("the resource answers %d to a renewed token", status)
		}
		first = next
	}
}

func dialectInspection(t *testing.T, s Subject) {
	client := s.newClient(t, s.Server, s.Dialect)
	if _, ok := s.Dialect.(sdk.Inspector); !ok {
		if _, err := client.Inspect(t.Context()); !errors.Is(err, sdk.ErrUnsupported) {
			t.Errorf("Inspect, and the dialect is no Inspector: %v, want ErrUnsupported", err)
		}
		return
	}
	token := mustToken(t, client)
	shown, err := client.Inspect(t.Context())
	if err != nil || !shown.Access.Equal(token.Access) {
		t.Errorf("Inspect: %v, %v; want the same token", shown, err)
	}
	if s.RejectAll != nil {
		s.RejectAll()
		if _, err := client.Inspect(t.Context()); !errors.Is(err, sdk.ErrRefused) && !errors.Is(err, sdk.ErrNotFound) {
			t.Errorf("Inspect of a token that does not live: %v, want ErrRefused or ErrNotFound", err)
		}
	}
}

func dialectRevocation(t *testing.T, s Subject) {
	client := s.newClient(t, s.Server, s.Dialect)
	token := mustToken(t, client)
	if err := client.Logout(t.Context()); err != nil {
		t.Fatalf("Logout: %v", err)
	}
	if _, ok := s.Dialect.(sdk.Revoker); !ok {
		if status := s.open(t, client); !success(status) {
			t.Errorf("after Logout, which forgets the token and ends nothing, the resource answers %d", status)
		}
		return
	}
	response := s.send(t, token)
	_ = response.Body.Close()
	if success(response.StatusCode) || !s.Dialect.Rejected(response) {
		t.Errorf("the resource answers %d to a revoked token", response.StatusCode)
	}
	if err := client.Logout(t.Context()); err != nil {
		t.Errorf("Logout without a token: %v", err)
	}
	if s.RejectAll != nil {
		mustToken(t, client)
		s.RejectAll()
		if err := client.Logout(t.Context()); err != nil {
			t.Errorf("Logout of a token that does not live: %v, want nil", err)
		}
	}
}

func dialectHeals(t *testing.T, s Subject) {
	client := s.newClient(t, s.Server, s.Dialect)
	for range 3 {
		if status := s.open(t, client); !success(status) {
			t.Errorf("the resource answers %d", status)
		}
		if s.RejectAll != nil {
			s.RejectAll()
		}
	}
}

// dialectConcurrent renews while requests are on their way. Each meets three
// renewals of others at most, which is less than a client makes good.
func dialectConcurrent(t *testing.T, s Subject) {
	var group sync.WaitGroup
	for range 4 {
		client := s.newClient(t, s.Server, s.Dialect)
		for range 4 {
			group.Go(func() {
				response, err := client.R(t.Context()).Get(s.Resource)
				if err != nil || !success(response.StatusCode()) {
					t.Errorf("the resource: %v, %v", response.Status(), err)
				}
				if _, err := client.Renew(t.Context()); err != nil {
					t.Errorf("Renew: %v", err)
				}
			})
		}
	}
	group.Wait()
}

// asks says whether the dialect's login asks the server.
func (s Subject) asks() bool { return s.WrongPassword != nil }

// wantUnasked holds a dialect to what a Subject without WrongPassword says of it:
// its login succeeds, whatever the server would answer.
func (s Subject) wantUnasked(t *testing.T) {
	t.Helper()
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("the login asks %s %s; set WrongPassword", r.Method, r.URL.Path)
		w.WriteHeader(http.StatusInternalServerError)
	})
	if err := s.newClient(t, answer, s.Dialect).Login(t.Context()); err != nil {
		t.Errorf("a login that asks nobody: %v; set WrongPassword", err)
	}
}

func dialectBadAnswers(t *testing.T, s Subject) {
	if !s.asks() {
		s.wantUnasked(t)
		return
	}
	for _, body := range []string{"", "null", "{}", "[]", "7", `"text"`, "<html>", `{"`, "{}{}", strings.Repeat("[", 10_000), strings.Repeat(" ", 2<<20)} {
		answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		token, err := s.newClient(t, answer, s.Dialect).Token(t.Context())
		var e *sdk.Error
		if !errors.As(err, &e) || errors.Is(err, sdk.ErrPanic) {
			t.Errorf("200 with the body %.20q: token %v, %v; want an *sdk.Error", body, token, err)
		}
	}
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		requests := 0
		answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			requests++
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		})
		err := s.newClient(t, answer, s.Dialect).Login(t.Context())
		if !errors.Is(err, sdk.ErrRedirected) || requests != 1 {
			t.Errorf("%d from the login: %v after %d requests, want ErrRedirected after 1", status, err, requests)
		}
	}
}

func dialectTemporary(t *testing.T, s Subject) {
	if !s.asks() {
		s.wantUnasked(t)
		return
	}
	for _, status := range []int{http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout} {
		answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		err := s.newClient(t, answer, s.Dialect).Login(t.Context())
		var e *sdk.Error
		if !errors.As(err, &e) || !e.Temporary || e.Status != status {
			t.Errorf("%d from the login: %v, want a temporary *sdk.Error with this status", status, err)
		}
	}
}

func dialectSecrets(t *testing.T, s Subject) {
	var printed strings.Builder
	show := func(value any) { fmt.Fprintf(&printed, "%[1]v %+[1]v %#[1]v %[1]s %[1]q\n", value) }
	show(s.Dialect)
	show(struct{ inside any }{s.Dialect})
	if keyed, ok := s.Dialect.(sdk.Keyed); ok {
		show(keyed.Key())
	}
	if s.WrongPassword != nil {
		show(s.newClient(t, s.Server, s.WrongPassword).Login(t.Context()))
	}
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.Copy(w, r.Body)
	})
	show(s.newClient(t, echo, s.Dialect).Login(t.Context()))
	client := s.newClient(t, s.Server, s.Dialect)
	token, err := client.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	show(token)
	for _, secret := range append(s.Secrets, token.Access.Reveal(), token.Refresh.Reveal()) {
		if secret != "" && strings.Contains(printed.String(), secret) {
			t.Errorf("a secret of %d characters is printed; hold secrets as sdk.Secret, and quote no answer in an error", len(secret))
		}
	}
}
