package grant_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
)

// FuzzTokens feeds every check with tokens that were never issued.
func FuzzTokens(f *testing.F) {
	s := newService(f, grant.Config{Clock: stopped()})
	ctx := context.Background()
	pair, err := s.OpenSession(ctx, grant.Subject{Login: "root"}, grant.Client{})
	if err != nil {
		f.Fatal(err)
	}
	rpc, err := s.OpenRPC(ctx, grant.Subject{Login: "root"})
	if err != nil {
		f.Fatal(err)
	}
	scoped, err := s.IssueScoped(ctx, grant.Subject{Login: "root"}, grant.ScopedRequest{})
	if err != nil {
		f.Fatal(err)
	}
	form, err := s.IssueForm(ctx, grant.Subject{Login: "root"}, false)
	if err != nil {
		f.Fatal(err)
	}
	issued := map[string]bool{pair.Access: true, pair.Refresh: true, rpc.Token: true, scoped.Token: true, form.Token: true}
	for token := range issued {
		f.Add(token)
		f.Add(token[:len(token)-1])
		f.Add(token + "=")
		f.Add(strings.ToUpper(token))
	}
	f.Add("")
	f.Add("a.eyJzaWQiOiJ4IiwianRpIjoieCJ9.c")
	f.Fuzz(func(t *testing.T, token string) {
		if issued[token] {
			return
		}
		_, _ = grant.SessionID(token), grant.ScopedID(token)
		_, session := s.CheckSession(ctx, token)
		_, form := s.CheckForm(ctx, token)
		_, extended := s.ExtendForm(ctx, token, true)
		_, rpc := s.CheckRPC(ctx, token)
		_, scoped := s.CheckScoped(ctx, token)
		_, refresh := s.RefreshSession(ctx, token, pair.Access)
		_, beside := s.RefreshSession(ctx, pair.Refresh, token)
		for _, err := range []error{session, form, extended, rpc, scoped, refresh, beside} {
			if !errors.Is(err, grant.ErrInvalid) {
				t.Errorf("the token %q: the error is %v", token, err)
			}
		}
	})
}
