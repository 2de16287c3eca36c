package scoped

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// listEntry is what the list of tokens shows of one of them.
type listEntry map[string]any

// registerList binds the steps about the list of tokens.
func (s *steps) registerList() {
	s.Step(`^the list of tokens is asked for$`, s.askForList)
	s.Step(`^the list shows (the token|the managing token)$`, s.listShows)
	s.Step(`^the list does not show the token$`, s.listDoesNotShow)
	s.Step(`^the list shows the token with its "_id" and "expiresAt"$`, s.listShowsLife)
	s.Step(`^the list shows the token with its "_id", "expiresAt" and scopes$`, s.listShowsAll)
	s.Step(`^the list shows the token's name$`, s.listShowsName)
	s.Step(`^the list shows the token as before$`, s.listShowsAsBefore)
}

func (s *steps) askForList(ctx context.Context) error {
	managing, err := s.named("the managing token")
	if err != nil {
		return err
	}
	_, err = s.Send(ctx, s.bearing(exchange.NewRequest("GET", s.declared.Prefix+s.declared.Tokens), managing))
	return err
}

// entries reads a list of tokens.
func entries(a *exchange.Answer) ([]listEntry, error) {
	if !a.Accepted() {
		return nil, fmt.Errorf("expected the list of tokens, got %s", a.Brief())
	}
	value, err := a.JSON()
	if err != nil {
		return nil, err
	}
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("expected the list of tokens to be an array, got %s", a.Brief())
	}
	found := make([]listEntry, 0, len(list))
	for _, element := range list {
		object, ok := element.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("expected the list of tokens to hold objects, got %s", a.Brief())
		}
		found = append(found, object)
	}
	return found, nil
}

// findEntry finds a token in a list by its id, or by its own name where its
// issue did not say the id. There is an error when it is not there, and another one
// when it has neither.
func findEntry(a *exchange.Answer, token *scopedToken) (listEntry, error) {
	list, err := entries(a)
	if err != nil {
		return nil, err
	}
	if token.id == "" && token.asked.Name == "" {
		return nil, errNoID
	}
	at := slices.IndexFunc(list, func(entry listEntry) bool {
		if token.id != "" {
			return entry["_id"] == token.id
		}
		return token.asked.Name != "" && entry["name"] == token.asked.Name
	})
	if at < 0 {
		return nil, fmt.Errorf("expected the token with the _id %q in the list, got %d tokens without it: %s", token.id, len(list), a.Brief())
	}
	return list[at], nil
}

// entryOf finds a token in the last answer.
func (s *steps) entryOf(noun string) (listEntry, *scopedToken, error) {
	token, err := s.named(noun)
	if err != nil {
		return nil, nil, err
	}
	a, err := s.Answer()
	if err != nil {
		return nil, nil, err
	}
	entry, err := findEntry(a, token)
	return entry, token, err
}

// listShows keeps the first entry of the token, for listShowsAsBefore.
func (s *steps) listShows(noun string) error {
	entry, _, err := s.entryOf(noun)
	if err == nil && noun == "the token" && s.entry == nil {
		s.entry = entry
	}
	return err
}

func (s *steps) listDoesNotShow() error {
	a, err := s.Answer()
	if err != nil {
		return err
	}
	if _, err := entries(a); err != nil {
		return err
	}
	entry, token, err := s.entryOf("the token")
	if errors.Is(err, errNoID) {
		return err
	}
	if err == nil {
		return fmt.Errorf("expected the token %s to be gone from the list, got %s", token.id, exchange.Shown(map[string]any(entry)))
	}
	return nil
}

func (s *steps) listShowsLife() error {
	entry, token, err := s.entryOf("the token")
	if err != nil {
		return err
	}
	if id, ok := entry["_id"].(string); !ok || id == "" {
		return fmt.Errorf("expected an _id in the list's entry, got %s", exchange.Shown(map[string]any(entry)))
	}
	expected, err := token.answer.WholeNumber("expiresAt")
	if err != nil {
		return &exchange.LackingError{What: `the token's "expiresAt"`}
	}
	if got := fmt.Sprint(entry["expiresAt"]); got != fmt.Sprint(expected) {
		return fmt.Errorf("expected the list to show expiresAt %d, as at the issue, got %s", expected, exchange.Shown(got))
	}
	return nil
}

func (s *steps) listShowsAll() error {
	if err := s.listShowsLife(); err != nil {
		return err
	}
	entry, token, err := s.entryOf("the token")
	if err != nil {
		return err
	}
	return s.compareScopes(token.asked.Scopes, entry)
}

// compareScopes takes a scope with and without the prefix for the same, and
// leaves the order to the server.
func (s *steps) compareScopes(expected []string, entry listEntry) error {
	got, ok := exchange.TextsIn(entry["scopes"])
	plain := func(scopes []string) []string {
		short := make([]string, len(scopes))
		for i, scope := range scopes {
			method, path, _ := strings.Cut(scope, " ")
			short[i] = method + " " + strings.TrimPrefix(path, s.declared.Prefix)
		}
		return slices.Sorted(slices.Values(short))
	}
	if !ok || !slices.Equal(plain(expected), plain(got)) {
		return fmt.Errorf("expected the list to show the scopes %q, got %s", expected, exchange.Shown(entry["scopes"]))
	}
	return nil
}

func (s *steps) listShowsName() error {
	entry, token, err := s.entryOf("the token")
	if err != nil {
		return err
	}
	if entry["name"] != token.asked.Name {
		return fmt.Errorf("expected the list to show the name %q, got %s", token.asked.Name, exchange.Shown(entry["name"]))
	}
	return nil
}

// listShowsAsBefore compares the four members that the document names; others
// (when a token was last used, say) may change.
func (s *steps) listShowsAsBefore() error {
	entry, _, err := s.entryOf("the token")
	if err != nil {
		return err
	}
	if s.entry == nil {
		return fmt.Errorf("no step before this one saw the token in the list")
	}
	for _, member := range []string{"_id", "name", "expiresAt", "scopes"} {
		before, after := exchange.Canonical(s.entry[member]), exchange.Canonical(entry[member])
		if before != after {
			return fmt.Errorf("expected the list to show the token's %s as before, %s, got %s", member, exchange.Shown(before), exchange.Shown(after))
		}
	}
	return nil
}
