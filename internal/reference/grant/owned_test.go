package grant_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
)

// TestOwned lists and ends the grants of all dialects of one account, and leaves
// those of another alone.
func TestOwned(t *testing.T) {
	t.Parallel()
	s, ctx := newService(t, grant.Config{Clock: stopped()}), t.Context()
	issue := func(login string) map[string]func() error {
		subject := grant.Subject{Login: login}
		session := must[grant.Pair](t)(s.OpenSession(ctx, subject, grant.Client{}))
		form := must[grant.FormToken](t)(s.IssueForm(ctx, subject, false))
		rpc := must[grant.RPCToken](t)(s.OpenRPC(ctx, subject))
		scoped := must[grant.ScopedToken](t)(s.IssueScoped(ctx, subject, grant.ScopedRequest{}))
		return map[string]func() error{
			"session": func() error { _, err := s.CheckSession(ctx, session.Access); return err },
			"form":    func() error { _, err := s.CheckForm(ctx, form.Token); return err },
			"rpc":     func() error { _, err := s.CheckRPC(ctx, rpc.Token); return err },
			"scoped":  func() error { _, err := s.CheckScoped(ctx, scoped.Token); return err },
		}
	}
	ann, bob := issue("ann"), issue("bob")
	owned := must[[]grant.Owned](t)(s.Owned(ctx, "ann"))
	if len(owned) != len(ann) {
		t.Fatalf("ann has %d grants, want %d", len(owned), len(ann))
	}
	for _, one := range owned {
		wantError(t, "ending one of another account", s.EndOwned(ctx, "bob", one.ID), grant.ErrNotFound)
		wantError(t, one.Dialect+" before its end", ann[one.Dialect](), nil)
		wantError(t, "ending it", s.EndOwned(ctx, "ann", one.ID), nil)
		wantError(t, one.Dialect+" after its end", ann[one.Dialect](), grant.ErrInvalid)
		wantError(t, "ending it again", s.EndOwned(ctx, "ann", one.ID), grant.ErrNotFound)
	}
	ann = issue("ann")
	if err := s.RemoveOwned(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	for dialect := range ann {
		wantError(t, "ann's "+dialect, ann[dialect](), grant.ErrInvalid)
		wantError(t, "bob's "+dialect, bob[dialect](), nil)
	}
}

// TestAnAccountHasSoManyGrants issues many tokens of one dialect to an account, from a
// source of ids that draws the same each time: few more are left than it may have, the
// newest ones. It reads the records that it ends, and no other.
func TestAnAccountHasSoManyGrants(t *testing.T) {
	t.Parallel()
	const most, issued = 300, 1000
	for _, dialect := range []string{"session", "form", "rpc", "scoped"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			c, counted := stopped(), &counting{Store: memory.New()}
			s := newService(t, grant.Config{Clock: c, Store: counted, PerAccount: most, Rand: rand.NewChaCha8([32]byte{1})})
			issue, subject := issuer(t, s, dialect), grant.Subject{Login: "ann"}
			issue(grant.Subject{Login: "bob"})
			for range issued {
				c.Advance(time.Millisecond)
				issue(subject)
			}
			read := counted.read
			left := must[[]grant.Owned](t)(s.Owned(t.Context(), "ann"))
			if len(left) < most || len(left) > most+100 {
				t.Errorf("%d tokens are left, want some more than %d", len(left), most)
			}
			for i, one := range left {
				if want := noon.Add(time.Duration(issued-len(left)+i+1) * time.Millisecond); !one.IssuedAt.Equal(want) {
					t.Fatalf("at %d of those left is one of %v, want the newest, of %v", i, one.IssuedAt, want)
				}
			}
			if ended := issued - len(left); read != ended {
				t.Errorf("%d records were read to end %d", read, ended)
			}
			if left := must[[]grant.Owned](t)(s.Owned(t.Context(), "bob")); len(left) != 1 {
				t.Errorf("another account has %d tokens left, want its one", len(left))
			}
		})
	}
}

// issuer issues grants of a dialect.
func issuer(t *testing.T, s *grant.Service, dialect string) func(grant.Subject) {
	return func(subject grant.Subject) {
		t.Helper()
		var err error
		switch dialect {
		case "session":
			_, err = s.OpenSession(t.Context(), subject, grant.Client{})
		case "form":
			_, err = s.IssueForm(t.Context(), subject, false)
		case "rpc":
			_, err = s.OpenRPC(t.Context(), subject)
		case "scoped":
			_, err = s.IssueScoped(t.Context(), subject, grant.ScopedRequest{})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestExpiredGrantsDoNotCount: they wait to be swept, and end none that lives.
func TestExpiredGrantsDoNotCount(t *testing.T) {
	t.Parallel()
	c := stopped()
	s := newService(t, grant.Config{Clock: c, PerAccount: 100, Rand: rand.NewChaCha8([32]byte{1})})
	issue := func(n int, long bool) (tokens []string) {
		for range n {
			c.Advance(time.Millisecond)
			tokens = append(tokens, must[grant.FormToken](t)(s.IssueForm(t.Context(), grant.Subject{Login: "ann"}, long)).Token)
		}
		return tokens
	}
	first := issue(30, true)
	issue(60, false)
	c.Advance(25 * time.Hour)
	first = append(first, issue(70, true)...)
	for i, token := range first {
		if _, err := s.CheckForm(t.Context(), token); err != nil {
			t.Fatalf("number %d of 100 that live: %v", i, err)
		}
	}
	for round, live := 0, 100; round < 6; {
		first = append(first, issue(1, true)...)
		left := len(must[[]grant.Owned](t)(s.Owned(t.Context(), "ann")))
		if left > live {
			live = left
			continue
		}
		if live, round = left, round+1; left != 100 {
			t.Fatalf("when the oldest have ended, %d are left, want 100", left)
		}
	}
	for i, token := range first {
		_, err := s.CheckForm(t.Context(), token)
		var want error
		if i < len(first)-100 {
			want = grant.ErrInvalid
		}
		wantError(t, fmt.Sprintf("number %d of %d", i, len(first)), err, want)
	}
	if len(first) < 150 { // 30 stand before those that have expired
		t.Errorf("only %d were issued: the test does not read beyond those that have expired", len(first))
	}
}

// TestOwnedPage: the pages of an account's grants have each live one once, and none
// that has ended, whatever stands between them.
func TestOwnedPage(t *testing.T) {
	t.Parallel()
	c := stopped()
	s, ctx := newService(t, grant.Config{Clock: c}), t.Context()
	subject := grant.Subject{Login: "ann"}
	for range 20 {
		must[grant.FormToken](t)(s.IssueForm(ctx, subject, false)) // a day
		must[grant.RPCToken](t)(s.OpenRPC(ctx, subject))
	}
	c.Advance(25 * time.Hour)
	for range 7 {
		must[grant.Pair](t)(s.OpenSession(ctx, subject, grant.Client{}))
		must[grant.FormToken](t)(s.IssueForm(ctx, subject, false))
		must[grant.ScopedToken](t)(s.IssueScoped(ctx, subject, grant.ScopedRequest{}))
	}
	must[grant.FormToken](t)(s.IssueForm(ctx, grant.Subject{Login: "bob"}, false))
	want := map[string]bool{}
	for _, one := range must[[]grant.Owned](t)(s.Owned(ctx, "ann")) {
		want[one.Dialect+one.ID] = true
	}
	if len(want) != 21 {
		t.Fatalf("ann has %d grants, want 21", len(want))
	}
	for _, limit := range []int{1, 5, 7, 20, 21, 100} {
		got, place := map[string]bool{}, ""
		for pages := 1; ; pages++ {
			owned, next, err := s.OwnedPage(ctx, "ann", place, limit)
			if err != nil || len(owned) > limit || next != "" && len(owned) < limit || len(owned) == 0 {
				t.Fatalf("page %d of %d has %d grants, then %q (%v)", pages, limit, len(owned), next, err)
			}
			for _, one := range owned {
				if got[one.Dialect+one.ID] || !want[one.Dialect+one.ID] {
					t.Errorf("%s %s is listed twice, or is none of the live ones", one.Dialect, one.ID)
				}
				got[one.Dialect+one.ID] = true
			}
			if place = next; place == "" {
				break
			}
		}
		if len(got) != len(want) {
			t.Errorf("pages of %d have %d grants, want %d", limit, len(got), len(want))
		}
	}
}

// TestExpiredGrantsCostFewPages: those that wait to be swept stand before those that end,
// and are read in few steps.
func TestExpiredGrantsCostFewPages(t *testing.T) {
	t.Parallel()
	c, counted := stopped(), &counting{Store: memory.New()}
	s := newService(t, grant.Config{Clock: c, Store: counted, PerAccount: 500, Rand: rand.NewChaCha8([32]byte{1})})
	issue := func(n int, long bool) (most int) {
		for range n {
			c.Advance(time.Millisecond)
			before := counted.pages
			must[grant.FormToken](t)(s.IssueForm(t.Context(), grant.Subject{Login: "ann"}, long))
			most = max(most, counted.pages-before)
		}
		return most
	}
	issue(450, false)
	c.Advance(25 * time.Hour)
	if most := issue(600, true); most != 2 {
		t.Errorf("a login reads up to %d pages, want 2", most)
	}
}
