package grant_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
)

// TestEnds checks every kind of token a millisecond before its end and at it.
func TestEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		life  time.Duration
		issue func(context.Context, *grant.Service) (string, error)
		check func(context.Context, *grant.Service, string) (grant.Grant, error)
	}{
		{
			"session access", 10 * time.Minute,
			func(ctx context.Context, s *grant.Service) (string, error) {
				pair, err := s.OpenSession(ctx, grant.Subject{Login: "root"}, grant.Client{})
				return pair.Access, err
			},
			func(ctx context.Context, s *grant.Service, token string) (grant.Grant, error) {
				return s.CheckSession(ctx, token)
			},
		},
		{
			"session refresh", 30 * 24 * time.Hour,
			func(ctx context.Context, s *grant.Service) (string, error) {
				pair, err := s.OpenSession(ctx, grant.Subject{Login: "root"}, grant.Client{})
				return pair.Access + " " + pair.Refresh, err
			},
			func(ctx context.Context, s *grant.Service, tokens string) (grant.Grant, error) {
				access, refresh, _ := strings.Cut(tokens, " ")
				_, err := s.RefreshSession(ctx, refresh, access)
				return grant.Grant{}, err
			},
		},
		{
			"form", 24 * time.Hour,
			func(ctx context.Context, s *grant.Service) (string, error) {
				token, err := s.IssueForm(ctx, grant.Subject{Login: "root"}, false)
				return token.Token, err
			},
			func(ctx context.Context, s *grant.Service, token string) (grant.Grant, error) {
				return s.CheckForm(ctx, token)
			},
		},
		{
			"long form", 30 * 24 * time.Hour,
			func(ctx context.Context, s *grant.Service) (string, error) {
				token, err := s.IssueForm(ctx, grant.Subject{Login: "root"}, true)
				return token.Token, err
			},
			func(ctx context.Context, s *grant.Service, token string) (grant.Grant, error) {
				_, err := s.ExtendForm(ctx, token, true)
				return grant.Grant{}, err
			},
		},
		{
			"rpc", 4 * time.Hour,
			func(ctx context.Context, s *grant.Service) (string, error) {
				token, err := s.OpenRPC(ctx, grant.Subject{Login: "root"})
				return token.Token, err
			},
			func(ctx context.Context, s *grant.Service, token string) (grant.Grant, error) {
				return s.CheckRPC(ctx, token)
			},
		},
		{
			"scoped", 1500 * time.Millisecond,
			func(ctx context.Context, s *grant.Service) (string, error) {
				token, err := s.IssueScoped(ctx, grant.Subject{Login: "root"}, grant.ScopedRequest{Life: 1500 * time.Millisecond})
				return token.Token, err
			},
			func(ctx context.Context, s *grant.Service, token string) (grant.Grant, error) {
				return s.CheckScoped(ctx, token)
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, step := range []struct {
				after time.Duration
				want  error
			}{{c.life - time.Millisecond, nil}, {c.life, grant.ErrExpired}} {
				clk := stopped()
				s := newService(t, grant.Config{Clock: clk})
				token := must[string](t)(c.issue(t.Context(), s))
				clk.Advance(step.after)
				_, err := c.check(t.Context(), s, token)
				wantError(t, step.after.String(), err, step.want)
			}
		})
	}
}

// TestPrintedEndsAreTheRealOnes begins within a second, where what is printed
// to the second could differ from what is kept.
func TestPrintedEndsAreTheRealOnes(t *testing.T) {
	t.Parallel()
	c := stopped()
	c.Advance(789 * time.Millisecond)
	s := newService(t, grant.Config{Clock: c})
	rpc := must[grant.RPCToken](t)(s.OpenRPC(t.Context(), grant.Subject{Login: "root"}))
	form := must[grant.FormToken](t)(s.IssueForm(t.Context(), grant.Subject{Login: "root"}, false))
	if rpc.ExpiresAt.Nanosecond() != 0 || form.ValidTo.Nanosecond() != 0 {
		t.Errorf("the ends %v and %v cannot be printed to the second", rpc.ExpiresAt, form.ValidTo)
	}
	for _, end := range []struct {
		name  string
		at    time.Time
		check func() error
	}{
		{"rpc", rpc.ExpiresAt, func() error { _, err := s.CheckRPC(t.Context(), rpc.Token); return err }},
		{"form", form.ValidTo, func() error { _, err := s.CheckForm(t.Context(), form.Token); return err }},
	} {
		c.Set(end.at.Add(-time.Millisecond))
		wantError(t, end.name+" just before", end.check(), nil)
		c.Set(end.at)
		wantError(t, end.name+" at its end", end.check(), grant.ErrExpired)
	}
}
