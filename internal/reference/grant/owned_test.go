package grant_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
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

// TestAnAccountHasSoManyGrants issues many tokens to one account, from a source of ids
// that draws the same each time: few more are left than it may have, the newest ones.
func TestAnAccountHasSoManyGrants(t *testing.T) {
	t.Parallel()
	c := stopped()
	s := newService(t, grant.Config{Clock: c, PerAccount: 20, Rand: rand.NewChaCha8([32]byte{1})})
	bobs := must[grant.FormToken](t)(s.IssueForm(t.Context(), grant.Subject{Login: "bob"}, false))
	var tokens []string
	for range 500 {
		c.Advance(time.Millisecond)
		tokens = append(tokens, must[grant.FormToken](t)(s.IssueForm(t.Context(), grant.Subject{Login: "ann"}, false)).Token)
	}
	left := must[[]grant.Owned](t)(s.Owned(t.Context(), "ann"))
	if len(left) < 20 || len(left) > 100 {
		t.Errorf("%d tokens are left, want some more than 20", len(left))
	}
	for _, token := range tokens[len(tokens)-20:] {
		_, err := s.CheckForm(t.Context(), token)
		wantError(t, "one of the newest", err, nil)
	}
	_, err := s.CheckForm(t.Context(), tokens[0])
	wantError(t, "the oldest", err, grant.ErrInvalid)
	_, err = s.CheckForm(t.Context(), bobs.Token)
	wantError(t, "that of another account", err, nil)
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
