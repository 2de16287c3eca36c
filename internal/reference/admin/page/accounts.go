package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// Bounds of what one page shows and reads.
const (
	maxAccounts = 25
	maxGrants   = 100
	maxLines    = 20 // of the audit log, beside other things
)

// listed is an account in the list.
type listed struct {
	account.Info
	// Fixed is an account of the configuration, which cannot be changed.
	Fixed bool
	// Live is how many live sessions and tokens it has.
	Live string
}

// accountList is a part of the accounts.
type accountList struct {
	Query string
	List  []listed
	Next  string // the place of the page behind; empty where there is none
}

// listAccounts shows the accounts whose login begins with q, or whose e-mail address is q.
func (p *page) listAccounts(w http.ResponseWriter, r *http.Request) error {
	query, place := searched(r), r.FormValue("from")
	stored, next, err := p.accounts.Page(r.Context(), query, place, maxAccounts)
	if err != nil {
		return err
	}
	content := accountList{Query: query, Next: next}
	if place == "" {
		if content.List, err = p.first(r.Context(), query, stored); err != nil {
			return err
		}
	}
	for _, one := range stored {
		if _, fixed := p.fixedAccount(one.Login); !fixed { // that one comes first, and counts
			content.List = append(content.List, listed{Info: one})
		}
	}
	for i := range content.List {
		if content.List[i].Live, err = p.live(r.Context(), content.List[i].Login); err != nil {
			return err
		}
	}
	return p.show(w, http.StatusOK, view{Title: "Accounts", Here: "accounts", Content: content})
}

// first are the accounts before those of the store: the ones of the configuration, and
// the one whose e-mail address was asked for.
func (p *page) first(ctx context.Context, query string, stored []account.Info) (list []listed, err error) {
	for _, one := range p.fixed {
		if strings.HasPrefix(strings.ToLower(one.Login), strings.ToLower(query)) || account.SameName(one.Email, query) {
			list = append(list, listed{Info: one, Fixed: true})
		}
	}
	if query == "" {
		return list, nil
	}
	found, err := p.accounts.Find(ctx, query)
	there := slices.ContainsFunc(stored, func(one account.Info) bool { return one.Login == found.Login })
	switch {
	case errors.Is(err, account.ErrNoAccount), err == nil && there:
		return list, nil
	case err != nil:
		return nil, err
	}
	return append(list, listed{Info: found}), nil
}

// live is how many live sessions and tokens an account has, as far as they are counted.
func (p *page) live(ctx context.Context, login string) (string, error) {
	owned, next, err := p.grants.OwnedPage(ctx, login, "", maxGrants)
	switch {
	case err != nil:
		return "", err
	case next != "":
		return fmt.Sprintf("more than %d", maxGrants), nil
	}
	return strconv.Itoa(len(owned)), nil
}

// fixedAccount is an account of the configuration.
func (p *page) fixedAccount(login string) (account.Info, bool) {
	i := slices.IndexFunc(p.fixed, func(one account.Info) bool { return account.SameName(one.Login, login) })
	if i < 0 {
		return account.Info{}, false
	}
	return p.fixed[i], true
}

// named is the account that a request names. The error wraps [account.ErrNoAccount].
func (p *page) named(r *http.Request) (listed, error) {
	login := r.FormValue("login")
	if one, fixed := p.fixedAccount(login); fixed {
		return listed{Info: one, Fixed: true}, nil
	}
	one, err := p.accounts.Find(r.Context(), login)
	return listed{Info: one}, err
}

// accountPage is one account with its sessions and tokens.
type accountPage struct {
	listed
	Grants []grant.Owned
	Whole  bool   // Grants are all of them
	Next   string // the place of the page behind; empty where there is none
	Lines  []audit.Line
}

func (p *page) showAccount(w http.ResponseWriter, r *http.Request) error {
	one, err := p.named(r)
	if err != nil {
		return err
	}
	place := r.FormValue("from")
	grants, next, err := p.grants.OwnedPage(r.Context(), one.Login, place, maxGrants)
	if err != nil {
		return err
	}
	content := accountPage{listed: one, Grants: grants, Whole: place == "" && next == "", Next: next}
	if content.Whole {
		slices.SortStableFunc(grants, func(a, b grant.Owned) int { return b.IssuedAt.Compare(a.IssuedAt) })
	}
	lines := p.recent.Last(func(e audit.Event) bool { return account.SameName(e.Login, one.Login) })
	content.Lines = lines[:min(maxLines, len(lines))]
	return p.show(w, http.StatusOK, view{Title: "Account " + shown(one.Login), Here: "account", Done: doneTexts[r.FormValue("done")], Content: content})
}
