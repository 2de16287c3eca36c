package clientsuite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// countSteps are the steps about how often, and in which order, requests came.
func countSteps() []definition {
	return []definition{
		step(`the server has seen (exactly|at most|at least) (\d+) (more )?(login|renewal|exchange|call|logout)s?`, func(_ context.Context, w *world, args []string) error {
			return w.seen(args[0], number(args[1]), args[2] != "", args[3])
		}),
		step(`the session has ended at the server`, func(_ context.Context, w *world, _ []string) error {
			for _, r := range w.mock.Requests() {
				if r.Operation == mockserver.Revoke && r.Succeeded() {
					return nil
				}
			}
			return errors.New("expected a request that ends the session, got none that was granted")
		}),
		step(`the call after the wait brings another token`, func(_ context.Context, w *world, _ []string) error { return w.otherToken() }),
		step(`no call brings an older token than a call before`, func(_ context.Context, w *world, _ []string) error {
			return w.newTokensOnly()
		}),
		step(`the logins that follow are spread over at least (\d+) ms`, func(_ context.Context, w *world, args []string) error {
			return w.spread(len(w.clients), time.Duration(number(args[0]))*time.Millisecond)
		}),
	}
}

// seen compares how many requests of a kind have been answered.
func (w *world) seen(how string, want int, more bool, kind string) error {
	got := 0
	for _, operation := range operationsOf(kind, w.dialect) {
		got += w.mock.Calls(operation)
		if more {
			got -= w.mark[operation]
		}
	}
	if how == "exactly" && got == want || how == "at most" && got <= want || how == "at least" && got >= want {
		return nil
	}
	since := ""
	if more {
		since = " more"
	}
	many := "s"
	if want == 1 {
		many = ""
	}
	return fmt.Errorf("expected %s %d%s %s%s at the server, got %d", how, want, since, kind, many, got)
}

// otherToken wants the first call after the wait to bring another token than the last
// one before, or the same one after it was renewed: the form dialect extends tokens.
func (w *world) otherToken() error {
	var before mockserver.Request
	same := func(r mockserver.Request) bool {
		return r.Token == before.Token && r.Session == before.Session && r.Generation == before.Generation
	}
	for i, r := range w.mock.Requests() {
		switch {
		case r.Operation == mockserver.Renewal && r.Succeeded() && r.Token == before.Token:
			return nil
		case r.Operation != mockserver.Resource:
		case i < w.since:
			before = r
		case same(r):
			return fmt.Errorf("expected another token than the one that has ended, got the same: %v", r)
		default:
			return nil
		}
	}
	return errors.New("expected a call after the wait, got none")
}

// spread wants the logins after the first ones to come apart.
func (w *world) spread(first int, least time.Duration) error {
	var earliest, latest time.Time
	seen := 0
	for _, r := range w.mock.Requests() {
		if r.Operation != mockserver.Login {
			continue
		}
		if seen++; seen <= first {
			continue
		}
		if earliest.IsZero() || r.At.Before(earliest) {
			earliest = r.At
		}
		if r.At.After(latest) {
			latest = r.At
		}
	}
	if seen < 2*first {
		return &unprovenError{fmt.Sprintf("only %d logins came from %d clients, so that they do not repeat them", seen, first)}
	}
	if got := latest.Sub(earliest); got < least {
		return fmt.Errorf("expected that logins of different clients come at least %v apart, got %v", least, got)
	}
	return nil
}

// newTokensOnly wants no call to bring a token that was granted before another one was.
func (w *world) newTokensOnly() error {
	first := map[string]int{} // the place at which a token was granted first
	newest := ""
	for i, r := range w.mock.Requests() {
		if r.Operation != mockserver.Resource || r.Session == "" || isBasic(r) {
			continue
		}
		since, granted := first[r.Token]
		switch {
		case granted && since < first[newest]:
			return fmt.Errorf("expected no token that is older than %s, got %v", newest, r)
		case !granted && r.Succeeded():
			first[r.Token], newest = i, r.Token
		}
	}
	return nil
}
