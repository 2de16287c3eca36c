package grant_test

import (
	"testing"

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
