package grant_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
)

// BenchmarkCheck is what every authorised request costs before it is served.
func BenchmarkCheck(b *testing.B) {
	s := newService(b, grant.Config{})
	ctx := context.Background()
	pair, err1 := s.OpenSession(ctx, grant.Subject{Login: "root"}, grant.Client{Address: "192.0.2.1", Agent: "bench"})
	form, err2 := s.IssueForm(ctx, grant.Subject{Login: "root"}, false)
	rpc, err3 := s.OpenRPC(ctx, grant.Subject{Login: "root"})
	scoped, err4 := s.IssueScoped(ctx, grant.Subject{Login: "root"}, grant.ScopedRequest{Scopes: []string{"GET /objects"}})
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			b.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		check func() (grant.Grant, error)
	}{
		{"session", func() (grant.Grant, error) { return s.CheckSession(ctx, pair.Access) }},
		{"form", func() (grant.Grant, error) { return s.CheckForm(ctx, form.Token) }},
		{"rpc", func() (grant.Grant, error) { return s.CheckRPC(ctx, rpc.Token) }},
		{"scoped", func() (grant.Grant, error) { return s.CheckScoped(ctx, scoped.Token) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.check(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOwnRefreshes checks and refreshes a session that has been refreshed
// before: neither may cost more the more often that was.
func BenchmarkOwnRefreshes(b *testing.B) {
	ctx := context.Background()
	for _, refreshes := range []int{2, 100, 300} {
		s := newService(b, grant.Config{Clock: stopped()})
		pair, err := s.OpenSession(ctx, root, grant.Client{Address: "192.0.2.1", Agent: "bench"})
		for i := 0; i < refreshes && err == nil; i++ {
			pair, err = s.RefreshSession(ctx, pair.Refresh, pair.Access)
		}
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("check/%d", refreshes), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.CheckSession(ctx, pair.Access); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("refresh/%d", refreshes), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if pair, err = s.RefreshSession(ctx, pair.Refresh, pair.Access); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOwnRenewals checks and renews an rpc session that has many live tokens: the
// record keeps a digest of each. A check is of the newest and of the oldest; with the
// time between renewals so many tokens live at once.
func BenchmarkOwnRenewals(b *testing.B) {
	ctx := context.Background()
	for _, live := range []int{2, 16, 64, 250} {
		c := stopped()
		s := newService(b, grant.Config{Clock: c})
		first, err := s.OpenRPC(ctx, root)
		newest, oldest := first.Token, first.Token
		renew := func() {
			var token grant.RPCToken
			if token, err = s.RenewRPC(ctx, newest, root); err != nil {
				b.Fatal(err)
			}
			newest = token.Token
		}
		for range live - 1 {
			renew()
		}
		for _, check := range []struct{ name, token string }{{"newest", newest}, {"oldest", oldest}} {
			b.Run(fmt.Sprintf("check/%s/%d", check.name, live), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := s.CheckRPC(ctx, check.token); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(fmt.Sprintf("renew/%d", live), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Advance(4 * time.Hour / time.Duration(live))
				renew()
			}
		})
	}
}
