package page

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
)

// doneTexts say what a form has done. The words travel in the query of the page that is
// shown then; any other word says nothing.
var doneTexts = map[string]string{
	"ended":    "It has ended.",
	"gone":     "It had ended already.",
	"all":      "All sessions and tokens have ended.",
	"disabled": "The account is disabled; its sessions and tokens have ended.",
	"enabled":  "The account may log in again.",
}

// end ends one session or token.
func (p *page) end(w http.ResponseWriter, r *http.Request) error {
	one, err := p.named(r)
	if err != nil {
		return err
	}
	id := r.PostFormValue("id")
	if id == "" {
		return &badFormError{"The form names no session or token."}
	}
	err = p.grants.EndOwned(r.Context(), one.Login, id)
	if errors.Is(err, grant.ErrNotFound) {
		return done(w, one, "gone")
	}
	if err != nil {
		return err
	}
	return done(w, one, "ended")
}

// endAll ends all sessions and tokens of an account: of one in the store also those that
// are being issued at this moment.
func (p *page) endAll(w http.ResponseWriter, r *http.Request) error {
	one, err := p.named(r)
	if err != nil {
		return err
	}
	if !one.Fixed {
		if err := p.accounts.EndSessions(r.Context(), one.Login); err != nil {
			return err
		}
	}
	p.record(r, audit.AllEnded, one)
	if err := p.grants.RemoveOwned(r.Context(), one.Login); err != nil {
		return err
	}
	return done(w, one, "all")
}

func (p *page) disable(w http.ResponseWriter, r *http.Request) error {
	one, err := p.changeable(r)
	if err != nil {
		return err
	}
	if err := p.accounts.Disable(r.Context(), one.Login); err != nil {
		return err
	}
	p.record(r, audit.Disabled, one)
	if err := p.grants.RemoveOwned(r.Context(), one.Login); err != nil {
		return err
	}
	return done(w, one, "disabled")
}

func (p *page) enable(w http.ResponseWriter, r *http.Request) error {
	one, err := p.changeable(r)
	if err != nil {
		return err
	}
	if err := p.accounts.Enable(r.Context(), one.Login); err != nil {
		return err
	}
	p.record(r, audit.Enabled, one)
	return done(w, one, "enabled")
}

// changeable is the account that a form names, where it may be changed.
func (p *page) changeable(r *http.Request) (listed, error) {
	one, err := p.named(r)
	if err == nil && one.Fixed {
		err = &badFormError{"This account stands in the configuration of the server, and cannot be changed."}
	}
	return one, err
}

func (p *page) record(r *http.Request, kind audit.Kind, one listed) {
	ctx := r.Context()
	p.audit.Record(ctx, audit.Event{Kind: kind, Dialect: userName, Login: one.Login, Address: audit.Address(ctx), By: audit.By(ctx)})
}

// done shows the account again, by a GET: so nothing is sent twice.
func done(w http.ResponseWriter, one listed, what string) error {
	w.Header().Set("Location", "account?"+url.Values{"login": {one.Login}, "done": {what}}.Encode())
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
