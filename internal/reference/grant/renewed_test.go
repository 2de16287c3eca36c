package grant_test

import (
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
)

// TestRenewedAt: grants know when they were last renewed. A check, or a refresh that is
// answered with the same tokens again, renews nothing.
func TestRenewedAt(t *testing.T) {
	t.Parallel()
	c := stopped()
	s, ctx := newService(t, grant.Config{Clock: c}), t.Context()
	pair := must[grant.Pair](t)(s.OpenSession(ctx, root, grant.Client{}))
	form := must[grant.FormToken](t)(s.IssueForm(ctx, root, false)).Token
	rpc := must[grant.RPCToken](t)(s.OpenRPC(ctx, root)).Token
	scoped := must[grant.ScopedToken](t)(s.IssueScoped(ctx, root, grant.ScopedRequest{})).Token
	want := func(when string, renewed map[string]time.Time) {
		t.Helper()
		owned := must[[]grant.Owned](t)(s.Owned(ctx, root.Login))
		if len(owned) != 4 {
			t.Fatalf("%s there are %d grants", when, len(owned))
		}
		for _, one := range owned {
			if !one.RenewedAt.Equal(renewed[one.Dialect]) || !one.IssuedAt.Equal(noon) {
				t.Errorf("%s %s is of %v, renewed at %v; want %v", when, one.Dialect, one.IssuedAt, one.RenewedAt, renewed[one.Dialect])
			}
		}
	}
	want("at first", nil)
	for i := 1; i <= 2; i++ {
		now := noon.Add(time.Duration(i) * time.Minute)
		c.Advance(time.Minute)
		old := pair
		pair = must[grant.Pair](t)(s.RefreshSession(ctx, old.Refresh, old.Access))
		must[grant.FormToken](t)(s.ExtendForm(ctx, form, false))
		rpc = must[grant.RPCToken](t)(s.RenewRPC(ctx, rpc, root)).Token
		renewed := map[string]time.Time{"session": now, "form": now, "rpc": now}
		want("after a renewal", renewed)
		c.Advance(time.Second)
		must[grant.Pair](t)(s.RefreshSession(ctx, old.Refresh, old.Access))
		want("after the same refresh again", renewed)
		for _, check := range []func() (grant.Grant, error){
			func() (grant.Grant, error) { return s.CheckSession(ctx, pair.Access) },
			func() (grant.Grant, error) { return s.CheckForm(ctx, form) },
			func() (grant.Grant, error) { return s.CheckRPC(ctx, rpc) },
			func() (grant.Grant, error) { return s.CheckScoped(ctx, scoped) },
		} {
			must[grant.Grant](t)(check())
		}
		want("after checks", renewed)
		c.Advance(-time.Second)
	}
}
