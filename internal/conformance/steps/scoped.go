package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// scopedWords are the words of the scoped dialect, and what a scenario in it
// knows. In scopes, requests and bodies, {list} and the like stand for what the
// manifest names.
type scopedWords struct {
	*World
	config *manifest.Scoped
	names  *strings.Replacer // fills in {list} and the like

	token    *scopedToken // "the token"
	other    *scopedToken // "the other token"
	managing *scopedToken // "the managing token": it lists, issues and revokes
	entry    listEntry    // of the token, when the list was first seen to show it
}

// scopedToken is a token and what its issue said about it.
type scopedToken struct {
	value  string
	id     string  // "" where the answer did not say
	asked  issue   // what was asked for
	answer *Answer // nil for a forged token
}

// issue is what a token is asked for with; absent members are nil or "".
type issue struct {
	life   string
	name   string
	scopes []string
}

func registerScoped(w *World, sc *godog.ScenarioContext) speaker {
	s := &scopedWords{World: w, config: w.subject.Manifest.Dialects.Scoped}
	s.names = s.fillIn()
	if s.config != nil {
		s.registerForget(sc, s.config.Throttle)
	}
	s.registerIssue(sc)
	s.registerAccess(sc)
	s.registerManage(sc)
	s.registerList(sc)
	s.registerMethods(sc)
	return &scopedSpeaker{s}
}

// fillIn is what the names in braces stand for.
func (s *scopedWords) fillIn() *strings.Replacer {
	if s.config == nil {
		return strings.NewReplacer()
	}
	paths := s.config.Resources
	id, below := s.segments()
	full := s.config.Accounts.Full
	return strings.NewReplacer(
		"{prefix}", s.config.Prefix,
		"{list}", paths.List,
		"{id}", id,
		"{below}", below,
		"{BELOW}", strings.ToUpper(below),
		"{other}", paths.Other,
		"{OTHER}", strings.ToUpper(paths.Other),
		"{other-segment}", strings.TrimPrefix(paths.Other, "/"),
		"{write}", paths.Write,
		"{tokens}", s.config.Tokens,
		"{methods}", s.config.Methods,
		"{login}", insideQuotes(full.Login),
		"{password}", insideQuotes(full.Password),
	)
}

// segments are what the item's path has below the list, and what its own
// subresource has below the item.
func (s *scopedWords) segments() (id, below string) {
	paths := s.config.Resources
	id = strings.TrimPrefix(strings.TrimPrefix(paths.Item, paths.List), "/")
	below = strings.TrimPrefix(strings.TrimPrefix(paths.Below, paths.Item), "/")
	return id, below
}

// insideQuotes writes a text as it stands inside the quotes of a JSON string.
func insideQuotes(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		return text // a Go string always can be written
	}
	return string(quoted[1 : len(quoted)-1])
}

func (s *scopedWords) full() credentials {
	full := s.config.Accounts.Full
	return credentials{full.Login, full.Password}
}

// scopes parts a list of scopes at its commas.
func (s *scopedWords) scopes(list string) []string {
	return strings.Split(s.names.Replace(list), ", ")
}

// loginRequest asks for a token by credentials.
func (s *scopedWords) loginRequest(who credentials, asked issue) Request {
	s.subject.Secrets.Add("password", who.password)
	body := asked.members()
	body["username"], body["password"] = who.login, who.password
	return request("POST", s.config.Prefix+s.config.Auth).withJSON(body)
}

// issueRequest asks for a token with another one.
func (s *scopedWords) issueRequest(with *scopedToken, asked issue) Request {
	return bearing(request("POST", s.config.Prefix+s.config.Tokens), with).withJSON(asked.members())
}

func (i issue) members() map[string]any {
	members := map[string]any{}
	if i.life != "" {
		members["expiresIn"] = i.life
	}
	if i.name != "" {
		members["name"] = i.name
	}
	if i.scopes != nil {
		members["scopes"] = i.scopes
	}
	return members
}

// bearing puts a token on a request; nil is none.
func bearing(r Request, token *scopedToken) Request {
	if token == nil {
		return r
	}
	return r.with("Authorization", "Bearer "+token.value)
}

// ask sends a request for a token and makes its answer the last one. A refusal
// is no error; then the token is nil.
func (s *scopedWords) ask(ctx context.Context, r Request, asked issue) (*scopedToken, error) {
	answer, err := s.patiently(ctx, func() (*Answer, error) { return s.send(ctx, r) })
	if err != nil {
		return nil, err
	}
	token, _ := s.tokenIn(answer, asked) // what is missing in it, later steps say
	return token, nil
}

// get sends a request for a token and takes a refusal for an error. It leaves
// the last answer alone.
func (s *scopedWords) get(ctx context.Context, r Request, asked issue) (*scopedToken, error) {
	answer, err := s.patiently(ctx, func() (*Answer, error) { return s.exchange(ctx, r) })
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
func (s *scopedWords) tokenIn(a *Answer, asked issue) (*scopedToken, error) {
	if !a.success() {
		return nil, fmt.Errorf("expected a 2xx, got %s", a.brief())
	}
	value, err := a.text("token")
	if err != nil {
		return nil, err
	}
	id, _ := a.text("_id") // SCP-01 says whether it has to be there
	return &scopedToken{value: s.secret(value), id: id, asked: asked, answer: a}, nil
}

// named is the token that a noun stands for.
func (s *scopedWords) named(noun string) (*scopedToken, error) {
	token := map[string]*scopedToken{
		"the token": s.token, "the other token": s.other, "the managing token": s.managing,
	}[noun]
	if token == nil {
		return nil, s.missing(noun)
	}
	return token, nil
}

// missing says why there is no token, where an answer can tell.
func (s *scopedWords) missing(noun string) error {
	if s.last != nil && noun == "the token" {
		return fmt.Errorf("expected a token, got %s", s.last.brief())
	}
	return errors.New("no step before this one got " + noun)
}
