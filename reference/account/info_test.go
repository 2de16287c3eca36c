package account_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// counted is a store that counts the records which it lists.
type counted struct {
	*memory.Store
	listed *int
}

func (c counted) Page(ctx context.Context, kind store.Kind, owner, from string, limit int) ([]store.Record, error) {
	records, err := c.Store.Page(ctx, kind, owner, from, limit)
	*c.listed += len(records)
	return records, err
}

// TestPage: pages have all accounts once, by login, and read no more than they show.
func TestPage(t *testing.T) {
	t.Parallel()
	listed := 0
	accounts, err := account.NewRegistry(counted{memory.New(), &listed}, account.FastHasher{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := range 25 {
		login := fmt.Sprintf("user%02d", i)
		want = append(want, login)
		add(t, accounts, account.Account{Login: login, Password: "long enough", Rights: account.Rights{"GET /users"}})
	}
	add(t, accounts, account.Account{Login: "vera", Password: "long enough"})
	add(t, accounts, account.Account{Login: "Ann", Email: "ann@example.com", Password: "long enough"})
	var got []string
	for place := ""; ; {
		listed = 0
		list, next, err := accounts.Page(t.Context(), "USER", place, 10)
		if err != nil || len(list) > 10 || listed > 11 {
			t.Fatalf("a page of %d accounts, of %d that were read (%v)", len(list), listed, err)
		}
		for _, one := range list {
			got = append(got, one.Login)
			if len(one.Rights) != 1 || one.Disabled {
				t.Errorf("%s is %+v", one.Login, one)
			}
		}
		if place = next; place == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pages have %q, want %q", got, want)
	}
	if list, next, err := accounts.Page(t.Context(), "", "", 1); err != nil || len(list) != 1 || list[0].Login != "Ann" || next == "" {
		t.Errorf("the first of all is %+v, then %q (%v)", list, next, err)
	}
	if list, next, err := accounts.Page(t.Context(), "user24", "", 1); err != nil || len(list) != 1 || next != "" {
		t.Errorf("the last is %+v, then %q (%v)", list, next, err)
	}
	for name, want := range map[string]string{"ann": "Ann", "ANN@example.com": "Ann", "nobody": ""} {
		found, err := accounts.Find(t.Context(), name)
		if found.Login != want || (want == "") != errors.Is(err, account.ErrNoAccount) {
			t.Errorf("%q finds %q (%v), want %q", name, found.Login, err, want)
		}
	}
}

func add(t *testing.T, accounts *account.Registry, a account.Account) {
	t.Helper()
	if err := accounts.Add(t.Context(), a); err != nil {
		t.Fatal(err)
	}
}
