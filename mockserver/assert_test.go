package mockserver_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// told is a test that keeps the messages of its failures.
type told struct {
	testing.TB
	errors []string
}

func (f *told) Helper()                      {}
func (f *told) Errorf(s string, args ...any) { f.errors = append(f.errors, fmt.Sprintf(s, args...)) }

func refresh(t *testing.T, mock *mockserver.Server, tokens mockserver.Tokens) answer {
	t.Helper()
	return ask(t, mock.Client(), mock, http.MethodPost, "/tokens", `{"refresh_token":"`+tokens.Refresh+`"}`, "Authorization: Bearer "+tokens.Access)
}

func users(t *testing.T, mock *mockserver.Server, token string) {
	t.Helper()
	ask(t, mock.Client(), mock, http.MethodGet, "/users", "", "Authorization: Bearer "+token)
}

// TestAssertions lets clients do right and wrong, and looks whether each assertion
// tells them apart, and shows the journal.
func TestAssertions(t *testing.T) {
	t.Parallel()
	calls := func(mock *mockserver.Server, tb mockserver.TB) { mock.AssertCalls(tb, mockserver.Renewal, 1) }
	for name, test := range map[string]struct {
		client func(*testing.T, *mockserver.Server, mockserver.Tokens)
		assert func(*mockserver.Server, mockserver.TB)
		fails  string // "": it does not
	}{
		"one call": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) { refresh(t, m, tokens) }, calls, ""},
		"no call":  {func(*testing.T, *mockserver.Server, mockserver.Tokens) {}, calls, "0 requests of renewal, want 1; the journal is empty"},
		"a renewal each": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			next := tokenOf(t, refresh(t, m, tokens).body)
			users(t, m, next)
		}, (*mockserver.Server).AssertOneRenewalPerToken, ""},
		"two renewals of one token": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			refresh(t, m, tokens)
			refresh(t, m, tokens)
		}, (*mockserver.Server).AssertOneRenewalPerToken, "presented for more than one renewal"},
		"a renewal again after a fault": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			inject(t, m, mockserver.Fault{Effect: mockserver.Outage, Times: 1})
			refresh(t, m, tokens)
			refresh(t, m, tokens)
		}, (*mockserver.Server).AssertOneRenewalPerToken, ""},
		"the new token": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			users(t, m, tokens.Access)
			users(t, m, tokenOf(t, refresh(t, m, tokens).body))
		}, (*mockserver.Server).AssertNewTokenUsed, ""},
		"the old token on the way": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			next := tokenOf(t, refresh(t, m, tokens).body)
			users(t, m, tokens.Access)
			users(t, m, next)
		}, (*mockserver.Server).AssertNewTokenUsed, ""},
		"the old token after the new one": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			users(t, m, tokenOf(t, refresh(t, m, tokens).body))
			users(t, m, tokens.Access)
		}, (*mockserver.Server).AssertNewTokenUsed, "after generation 2 was used"},
		"never the new token": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			refresh(t, m, tokens)
			users(t, m, tokens.Access)
		}, (*mockserver.Server).AssertNewTokenUsed, "the session has generation 2"},
		"no token in a URL": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			users(t, m, tokens.Access)
		}, (*mockserver.Server).AssertNoTokenInURL, ""},
		"a token in a URL": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			ask(t, m.Client(), m, http.MethodGet, "/users?access_token="+tokens.Access, "")
		}, (*mockserver.Server).AssertNoTokenInURL, "GET /users"},
		"a token in a path": {func(t *testing.T, m *mockserver.Server, tokens mockserver.Tokens) {
			ask(t, m.Client(), m, http.MethodGet, "/users/"+tokens.Access, "", "Authorization: Bearer "+tokens.Access)
		}, (*mockserver.Server).AssertNoTokenInURL, "GET /users/[token-1]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := mockserver.New(t, mockserver.WithDialects("session"))
			tokens := issue(t, mock, "session")
			test.client(t, mock, tokens)
			tb := &told{TB: t}
			test.assert(mock, tb)
			switch {
			case (len(tb.errors) > 0) != (test.fails != ""):
				t.Errorf("the assertion says %q, want %q", tb.errors, test.fails)
			case test.fails != "" && (!strings.Contains(tb.errors[0], test.fails) || strings.Contains(tb.errors[0], tokens.Access)):
				t.Errorf("the assertion says %q, want %q and no token", tb.errors[0], test.fails)
			}
		})
	}
}

// TestWaitFor waits for requests that come later, and ends with its context.
func TestWaitFor(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("session"))
	done := make(chan error)
	go func() { done <- mock.WaitFor(t.Context(), mockserver.Resource, 2) }()
	users(t, mock, "x")
	users(t, mock, "x")
	if err := <-done; err != nil {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := mock.WaitFor(ended, mockserver.Resource, 3); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "2 have come") {
		t.Errorf("waiting for a third: %v", err)
	}
}
