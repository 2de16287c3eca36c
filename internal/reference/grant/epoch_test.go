package grant_test

import (
	"context"
	"errors"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// epochs are the accounts that exist; an error stands for a store that is away.
type epochs struct {
	of  map[string]int64
	err error
}

func (e *epochs) Epoch(_ context.Context, login string) (int64, bool, error) {
	epoch, found := e.of[login]
	return epoch, found, e.err
}

// TestEpochs checks tokens that were issued for a password of before, of now,
// and while the accounts cannot be read.
func TestEpochs(t *testing.T) {
	t.Parallel()
	accounts := &epochs{of: map[string]int64{"ann": 1}}
	s := newService(t, grant.Config{Clock: stopped(), Accounts: accounts})
	ctx := t.Context()
	// The password was checked before the change, the token issued after it.
	late := must[grant.FormToken](t)(s.IssueForm(ctx, grant.Subject{Login: "ann", Epoch: 0}, false))
	_, err := s.CheckForm(ctx, late.Token)
	wantError(t, "a token for an old password", err, grant.ErrInvalid)

	ann := grant.Subject{Login: "ann", Epoch: 1}
	form := must[grant.FormToken](t)(s.IssueForm(ctx, ann, false))
	pair := must[grant.Pair](t)(s.OpenSession(ctx, ann, grant.Client{}))
	scoped := must[grant.ScopedToken](t)(s.IssueScoped(ctx, ann, grant.ScopedRequest{}))
	issued := must[grant.ScopedToken](t)(s.IssueFrom(ctx, scoped.Grant, grant.ScopedRequest{}))
	for what, check := range map[string]func() error{
		"form":   func() error { _, err := s.CheckForm(ctx, form.Token); return err },
		"issued": func() error { _, err := s.CheckScoped(ctx, issued.Token); return err },
		"pair":   func() error { _, err := s.CheckSession(ctx, pair.Access); return err },
	} {
		accounts.err = nil
		wantError(t, what, check(), nil)
		accounts.err = store.Unavailable(errors.New("connection refused"))
		wantError(t, what+" while the accounts cannot be read", check(), store.ErrUnavailable)
		if errors.Is(check(), grant.ErrInvalid) {
			t.Errorf("%s: a store that is away says that the token is not valid", what)
		}
	}
	accounts.err, accounts.of["ann"] = nil, 2
	_, err = s.CheckScoped(ctx, issued.Token)
	wantError(t, "a token of a token", err, grant.ErrInvalid)
	_, err = s.RefreshSession(ctx, pair.Refresh, pair.Access)
	wantError(t, "a refresh", err, grant.ErrInvalid)
	if list := all(t, s.ScopedTokens, "ann"); len(list) != 0 {
		t.Errorf("the list still holds %+v", list)
	}
	delete(accounts.of, "ann")
	_, err = s.CheckForm(ctx, form.Token)
	wantError(t, "a token of nobody", err, grant.ErrInvalid)
}
