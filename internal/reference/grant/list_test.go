package grant_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// pages is a list of a user's grants.
type pages func(ctx context.Context, login, after string, limit int) ([]grant.Grant, bool, error)

// all returns a list of at most 100.
func all(t *testing.T, list pages, login string) []grant.Grant {
	t.Helper()
	grants, more, err := list(t.Context(), login, "", 100)
	if err != nil || more {
		t.Fatalf("a list: %v, there are more: %v", err, more)
	}
	return grants
}

// counting is a store that counts the records that it lists.
type counting struct {
	store.Store
	read, pages int
}

func (c *counting) Page(ctx context.Context, kind store.Kind, owner, from string, limit int) ([]store.Record, error) {
	records, err := store.Page(ctx, c.Store, kind, owner, from, limit)
	c.read += len(records)
	c.pages++
	return records, err
}

func (c *counting) List(ctx context.Context, kind store.Kind, owner string) ([]store.Record, error) {
	records, err := c.Store.List(ctx, kind, owner)
	c.read += len(records)
	return records, err
}

func (c *counting) Count(ctx context.Context, kind store.Kind, owner string, now time.Time) (int, error) {
	return store.Count(ctx, c.Store, kind, owner, now)
}

// TestAPageReadsWhatItShows: one record more, however many there are. Where many have
// ended it reads on in large steps, and finds those that live.
func TestAPageReadsWhatItShows(t *testing.T) {
	t.Parallel()
	c, s := stopped(), &counting{Store: memory.New()}
	service := newService(t, grant.Config{Clock: c, Store: s, Lifetimes: grant.Lifetimes{Scoped: time.Hour}})
	issue := func(n int, life time.Duration) {
		for i := range n {
			must[grant.ScopedToken](t)(service.IssueScoped(t.Context(), grant.Subject{Login: "ann"}, grant.ScopedRequest{Name: fmt.Sprint(i), Life: life}))
			c.Advance(time.Millisecond)
		}
	}
	issue(20, 24*time.Hour)
	issue(1200, time.Hour)
	issue(5, 24*time.Hour)
	for _, page := range []struct {
		want               string // by name
		limit, read, pages int
	}{{"0 1 2", 3, 4, 1}, {"3 4 5 6 7", 5, 6, 1}} {
		after := ""
		if page.limit == 5 {
			after = lastID(t, service, 3)
		}
		s.read, s.pages = 0, 0
		grants, more, err := service.ScopedTokens(t.Context(), "ann", after, page.limit)
		if got := namesOf(grants); err != nil || !more || got != page.want || s.read != page.read || s.pages != page.pages {
			t.Errorf("a page of %d has %q (%v), more: %v, by %d records on %d pages, want %+v", page.limit, got, err, more, s.read, s.pages, page)
		}
	}
	c.Advance(2 * time.Hour)
	after := lastID(t, service, 19)
	s.read, s.pages = 0, 0
	grants, more, err := service.ScopedTokens(t.Context(), "ann", after, 3)
	if got := namesOf(grants); err != nil || !more || got != "19 0 1" || s.pages != 3 {
		t.Errorf("with others ended the page has %q (%v), more: %v, by %d pages", got, err, more, s.pages)
	}
	grants, more, err = service.ScopedTokens(t.Context(), "ann", grants[2].ID, 3)
	if got := namesOf(grants); err != nil || more || got != "2 3 4" {
		t.Errorf("the last page has %q (%v), more: %v", got, err, more)
	}
}

// lastID is the last id of the first page.
func lastID(t *testing.T, service *grant.Service, limit int) string {
	t.Helper()
	grants, _, err := service.ScopedTokens(t.Context(), "ann", "", limit)
	if err != nil || len(grants) != limit {
		t.Fatalf("a page of %d has %d (%v)", limit, len(grants), err)
	}
	return grants[limit-1].ID
}

func namesOf(grants []grant.Grant) string {
	names := make([]string, len(grants))
	for i, g := range grants {
		names[i] = g.Name
	}
	return strings.Join(names, " ")
}

// TestSessionsAreListedInTheirOrder: ids begin with the time, and are UUIDs.
func TestSessionsAreListedInTheirOrder(t *testing.T) {
	t.Parallel()
	c := stopped()
	s := newService(t, grant.Config{Clock: c})
	for range 10 {
		must[grant.Pair](t)(s.OpenSession(t.Context(), grant.Subject{Login: "root"}, grant.Client{}))
		c.Advance(time.Millisecond)
	}
	seen := map[string]bool{}
	for i, g := range all(t, s.Sessions, "root") {
		if want := noon.Add(time.Duration(i) * time.Millisecond); !g.IssuedAt.Equal(want) {
			t.Errorf("at %d there is a session of %v, want %v", i, g.IssuedAt, want)
		}
		if seen[g.ID[8:]] || g.ID[14] != '7' || !strings.ContainsRune("89ab", rune(g.ID[19])) {
			t.Errorf("the id %s is no random UUID of version 7", g.ID)
		}
		seen[g.ID[8:]] = true
	}
}
