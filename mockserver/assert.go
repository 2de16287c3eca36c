package mockserver

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

// Assertions look at the journal, and show it where they fail.

// AssertCalls fails the test unless the mock has seen exactly n requests of an
// operation.
func (s *Server) AssertCalls(t TB, o Operation, n int) {
	t.Helper()
	if got := s.journal.count(o); got != n {
		t.Errorf("%d requests of %s, want %d%s", got, o, n, s.told())
	}
}

// Calls returns how many requests of an operation the mock has answered, those that
// the journal has forgotten included.
func (s *Server) Calls(o Operation) int { return s.journal.count(o) }

// AssertOneRenewalPerToken fails the test where a token was presented for more than
// one renewal. Renewals that met a fault do not count: a client may repeat them.
func (s *Server) AssertOneRenewalPerToken(t TB) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range s.Requests() {
		if r.Operation != Renewal || r.Fault != "" || r.Token == "" {
			continue
		}
		if seen[r.Token] {
			t.Errorf("%s was presented for more than one renewal%s", r.Token, s.told())
			return
		}
		seen[r.Token] = true
	}
}

// AssertNewTokenUsed fails the test where a request to a resource arrived with an
// older token than the client had used before, and where a session was renewed and
// the last of its requests still had an older token.
func (s *Server) AssertNewTokenUsed(t TB) {
	t.Helper()
	last := map[string]Request{}
	for _, r := range s.Requests() {
		if r.Operation != Resource || r.Generation == 0 {
			continue
		}
		if last[r.Session] = r; r.Generation < r.Used {
			t.Errorf("%s is of generation %d, after generation %d was used: %v%s", r.Token, r.Generation, r.Used, r, s.told())
			return
		}
	}
	for _, session := range slices.Sorted(maps.Keys(last)) {
		if r := last[session]; r.Generation < r.Newest {
			t.Errorf("%s is of generation %d, and the session has generation %d: %v%s", r.Token, r.Generation, r.Newest, r, s.told())
			return
		}
	}
}

// AssertNoTokenInURL fails the test where a query or a path held a token, other than
// that of GET and DELETE /login in the form dialect, which documents it.
func (s *Server) AssertNoTokenInURL(t TB) {
	t.Helper()
	for _, r := range s.Requests() {
		if r.tokenInURL() {
			t.Errorf("a token in a URL: %v%s", r, s.told())
			return
		}
	}
}

// tokenInURL says whether the URL holds a token where the dialect does not say so.
func (r Request) tokenInURL() bool {
	documented := r.Dialect == wire.Form && (r.Operation == Inspect || r.Operation == Revoke)
	return !documented && strings.Contains(r.Path+"?"+r.Query, "[token-")
}

// WaitFor waits until the mock has answered n requests of an operation. The error
// is the context's.
func (s *Server) WaitFor(ctx context.Context, o Operation, n int) error {
	for {
		next := s.journal.next()
		got := s.journal.count(o)
		if got >= n {
			return nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return fmt.Errorf("wait for %d requests of %s: %d have come: %w", n, o, got, ctx.Err())
		}
	}
}

// told is the end of the journal, as messages show it.
func (s *Server) told() string {
	requests := s.Requests()
	if len(requests) == 0 {
		return "; the journal is empty"
	}
	var b strings.Builder
	b.WriteString("; the journal:")
	const shown = 20
	if over := len(requests) - shown; over > 0 {
		fmt.Fprintf(&b, "\n  ... %d earlier requests", over)
		requests = requests[over:]
	}
	for _, r := range requests {
		b.WriteString("\n  " + r.String())
	}
	return b.String()
}
