package page

import (
	"context"
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
)

// key is a key of the server, without what is secret.
type key struct {
	keyring.Key
	Purpose keyring.Purpose
	Use     string
}

// overviewPage is the first page.
type overviewPage struct {
	Charts []chart
	Keys   []key
	// Down says that the store did not tell the keys: the rates show since when.
	Down  bool
	Lines []audit.Line
}

func (p *page) overview(w http.ResponseWriter, r *http.Request) error {
	keys, err := p.listKeys(r.Context())
	if err != nil {
		p.log.ErrorContext(r.Context(), "admin page: list the keys", "error", err)
	}
	lines := p.recent.Last(func(audit.Event) bool { return true })
	content := overviewPage{Charts: p.charts(p.wall.Now()), Keys: keys, Down: err != nil, Lines: lines[:min(maxLines, len(lines))]}
	return p.show(w, http.StatusOK, view{Title: "Overview", Here: "overview", Content: content})
}

// listKeys reads the keys, and makes none.
func (p *page) listKeys(ctx context.Context) (list []key, err error) {
	for _, purpose := range keyring.Purposes() {
		keys, err := p.keys.All(ctx, purpose)
		if err != nil {
			return nil, err
		}
		for i, use := range keyring.Uses(keys, p.clock.Now()) {
			one := key{Key: keyring.Key{ID: keys[i].ID, Made: keys[i].Made, From: keys[i].From}, Purpose: purpose, Use: "no longer signs"}
			switch use {
			case keyring.Now:
				one.Use = "signs since " + moment(one.From)
			case keyring.Later:
				one.Use = "signs from " + moment(one.From)
			case keyring.Ended:
			}
			list = append(list, one)
		}
	}
	return list, nil
}

// auditPage are the last lines of the audit log that fit.
type auditPage struct {
	Query string
	Kind  audit.Kind // empty: all
	Kinds []audit.Kind
	Lines []audit.Line
}

// showAudit shows the lines whose login, address, dialect or id has q in it.
func (p *page) showAudit(w http.ResponseWriter, r *http.Request) error {
	content := auditPage{Query: searched(r), Kind: audit.Kind(r.FormValue("kind")), Kinds: audit.Kinds()}
	part := strings.ToLower(content.Query)
	content.Lines = p.recent.Last(func(e audit.Event) bool {
		if content.Kind != "" && e.Kind != content.Kind {
			return false
		}
		return strings.Contains(strings.ToLower(strings.Join([]string{e.Login, e.Address, e.Dialect, e.Grant, e.By}, "\n")), part)
	})
	return p.show(w, http.StatusOK, view{Title: "Audit log", Here: "audit", Content: content})
}
