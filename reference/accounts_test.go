package reference_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// TestChangedAccountsEndTheirGrants changes accounts in the store of a running
// server, as "dragoman account" does: a new password and a disabled account end
// every token of the account, at every endpoint, and no token of another one.
func TestChangedAccountsEndTheirGrants(t *testing.T) {
	t.Parallel()
	changes := map[string]func(t *testing.T, accounts *account.Registry) error{
		"a new password": func(t *testing.T, accounts *account.Registry) error {
			return accounts.SetPassword(t.Context(), "ann", "second")
		},
		"disabled": func(t *testing.T, accounts *account.Registry) error { return accounts.Disable(t.Context(), "ann") },
		"disabled and enabled again": func(t *testing.T, accounts *account.Registry) error {
			if err := accounts.Disable(t.Context(), "ann"); err != nil {
				return err
			}
			return accounts.Enable(t.Context(), "ann")
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shared := memory.New()
			o := open(t, func(c *reference.Config) { c.Store = shared })
			accounts, err := account.NewRegistry(shared, account.FastHasher{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, login := range []string{"ann", "bob"} {
				err := accounts.Add(t.Context(), account.Account{
					Login: login, Email: login + "@example.com", Password: "first", Rights: scope.Rights{scope.Everything},
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			tokens := map[string]string{}
			for _, d := range dialects() {
				for _, login := range []string{"ann", "bob"} {
					token := d.token(o.want(d.name+" login", d.login(o, login, "first"), 200))
					tokens[d.name+login] = token
					o.want(d.name+" before the change", d.protected(o, token), 200)
				}
			}
			pair := o.send("POST", "/sessions", `{"session":{"email":"ann@example.com","password":"first"}}`)
			if err := change(t, accounts); err != nil {
				t.Fatal(err)
			}
			o.clock.Advance(account.Staleness)
			for _, d := range dialects() {
				o.want(d.name+" after the change", d.protected(o, tokens[d.name+"ann"]), 401)
				o.want(d.name+" of another account", d.protected(o, tokens[d.name+"bob"]), 200)
			}
			o.want("a refresh", o.send("POST", "/tokens", fmt.Sprintf(`{"refresh_token":%q}`, pair.member("refresh_token")), bearer(pair.member("access_token"))), 401)
			o.want("an inspection", o.send("GET", "/login?token="+tokens["formann"], ""), 404)
			o.want("an extension", o.send("PUT", "/login", fmt.Sprintf(`{"token":%q}`, tokens["formann"])), 404)
		})
	}
}

// TestALoginAfterAChangeIsGoodAtOnce logs in to one of two replicas at the moment
// after a change that both have not seen yet, because they have cached the
// account.
func TestALoginAfterAChangeIsGoodAtOnce(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(ctx context.Context, accounts *account.Registry) error{
		"a new password": func(ctx context.Context, a *account.Registry) error { return a.SetPassword(ctx, "ann", "first") },
		"all ended":      func(ctx context.Context, a *account.Registry) error { return a.EndSessions(ctx, "ann") },
		"made anew": func(ctx context.Context, a *account.Registry) error {
			return errors.Join(a.Delete(ctx, "ann"), a.Add(ctx, ann()))
		},
		"disabled and enabled again": func(ctx context.Context, a *account.Registry) error {
			return errors.Join(a.Disable(ctx, "ann"), a.Enable(ctx, "ann"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shared := memory.New()
			one, other := open(t, func(c *reference.Config) { c.Store = shared }), open(t, func(c *reference.Config) { c.Store = shared })
			accounts, err := account.NewRegistry(shared, account.FastHasher{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := accounts.Add(t.Context(), ann()); err != nil {
				t.Fatal(err)
			}
			for _, d := range dialects() {
				before := d.token(one.want(d.name+" login", d.login(one, "ann", "first"), 200))
				one.want(d.name+" before the change", d.protected(one, before), 200)
				other.want(d.name+" before the change, at the other", d.protected(other, before), 200)
				if err := change(t.Context(), accounts); err != nil {
					t.Fatal(err)
				}
				after := d.token(one.want(d.name+" login after the change", d.login(one, "ann", "first"), 200))
				one.want(d.name+" after the change", d.protected(one, after), 200)
				other.want(d.name+" after the change, at the other", d.protected(other, after), 200)
			}
		})
	}
}

// ann is an account with all rights.
func ann() account.Account {
	return account.Account{Login: "ann", Email: "ann@example.com", Password: "first", Rights: scope.Rights{scope.Everything}}
}

// TestNewRightsCountForOldTokens gives a right to an account that is logged in.
func TestNewRightsCountForOldTokens(t *testing.T) {
	t.Parallel()
	shared := memory.New()
	o := open(t, func(c *reference.Config) { c.Store = shared })
	accounts, err := account.NewRegistry(shared, account.FastHasher{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := accounts.Add(t.Context(), account.Account{Login: "ann", Email: "ann@example.com", Password: "first"}); err != nil {
		t.Fatal(err)
	}
	token := o.send("POST", "/sessions", `{"session":{"email":"ann@example.com","password":"first"}}`).member("access_token")
	o.want("without rights", o.users(token), 403)
	if err := accounts.Grant(t.Context(), "ann", scope.Rights{"GET /users"}); err != nil {
		t.Fatal(err)
	}
	o.clock.Advance(account.Staleness)
	o.want("with the right", o.users(token), 200)
}
