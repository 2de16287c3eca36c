// Package scoped holds the steps of the scoped dialect.
package scoped

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
)

// steps are the dialect's own steps, and what a scenario knows. In scopes,
// requests and bodies, {list} and the like stand for what the manifest names.
type steps struct {
	*shared.World
	dialect.Scoped
	declared *manifest.Scoped
	names    *strings.Replacer // fills in {list} and the like

	token    *scopedToken // "the token"
	other    *scopedToken // "the other token"
	managing *scopedToken // "the managing token": it lists, issues and revokes
	status   int          // of an answer that others are to be like
	entry    listEntry    // of the token, when the list was first seen to show it
}

// scopedToken is a token and what its issue said about it.
type scopedToken struct {
	value  string
	id     string           // "" where the answer did not say
	asked  dialect.Issue    // what was asked for
	answer *exchange.Answer // nil for a forged token
}

// Register binds the steps for one scenario.
func Register(w *shared.World, client dialect.Scoped) {
	s := &steps{World: w, Scoped: client, declared: w.Subject.Manifest.Dialects.Scoped}
	s.names = fillIn(s.declared)
	s.registerIssue()
	s.registerAccess()
	s.registerManage()
	s.registerList()
	s.registerMethods()
}

// fillIn is what the names in braces stand for.
func fillIn(declared *manifest.Scoped) *strings.Replacer {
	paths, full := declared.Resources, declared.Accounts.Full
	// What the item's path has below the list, and its own subresource below it.
	id := strings.TrimPrefix(strings.TrimPrefix(paths.Item, paths.List), "/")
	below := strings.TrimPrefix(strings.TrimPrefix(paths.Below, paths.Item), "/")
	return strings.NewReplacer(
		"{prefix}", declared.Prefix,
		"{list}", paths.List,
		"{id}", id,
		"{below}", below,
		"{BELOW}", strings.ToUpper(below),
		"{other}", paths.Other,
		"{OTHER}", strings.ToUpper(paths.Other),
		"{other-segment}", strings.TrimPrefix(paths.Other, "/"),
		"{write}", paths.Write,
		"{tokens}", declared.Tokens,
		"{methods}", declared.Methods,
		"{login}", exchange.JSONText(full.Login),
		"{password}", exchange.JSONText(full.Password),
	)
}

// scopes parts a list of scopes at its commas.
func (s *steps) scopes(list string) []string {
	return strings.Split(s.names.Replace(list), ", ")
}

// bearing puts a token on a request.
func (s *steps) bearing(r exchange.Request, token *scopedToken) exchange.Request {
	return s.Authorize(r, token.value)
}

// ask sends a request for a token and makes its answer the last one. A refusal
// is no error; then the token is nil.
func (s *steps) ask(ctx context.Context, r exchange.Request, asked dialect.Issue) (*scopedToken, error) {
	answer, err := s.TryLogin(ctx, func() (*exchange.Answer, error) { return s.Send(ctx, r) })
	if err != nil {
		return nil, err
	}
	token, _ := s.tokenIn(answer, asked) // what is missing in it, later steps say
	return token, nil
}

// get sends a request for a token and takes a refusal for an error. It leaves
// the last answer alone.
func (s *steps) get(ctx context.Context, r exchange.Request, asked dialect.Issue) (*scopedToken, error) {
	answer, err := s.TryLogin(ctx, func() (*exchange.Answer, error) { return s.Do(ctx, r) })
	if err != nil {
		return nil, err
	}
	token, err := s.tokenIn(answer, asked)
	if err != nil {
		return nil, fmt.Errorf("expected a token: %w", err)
	}
	return token, nil
}

// tokenIn reads the token that an answer grants. It is an error when there is
// none.
func (s *steps) tokenIn(a *exchange.Answer, asked dialect.Issue) (*scopedToken, error) {
	value, err := s.TokenIn(a)
	if err != nil {
		return nil, err
	}
	id, _ := a.Text("_id") // SCP-01 says whether it has to be there
	return &scopedToken{value: value, id: id, asked: asked, answer: a}, nil
}

// named is the token that a noun stands for.
func (s *steps) named(noun string) (*scopedToken, error) {
	token := map[string]*scopedToken{
		"the token": s.token, "the other token": s.other, "the managing token": s.managing,
	}[noun]
	if token == nil {
		return nil, s.missing(noun)
	}
	return token, nil
}

// missing says why there is no token, where an answer can tell.
func (s *steps) missing(noun string) error {
	if s.Last != nil && noun == "the token" {
		return fmt.Errorf("expected a token, got %s", s.Last.Brief())
	}
	return errors.New("no step before this one got " + noun)
}
