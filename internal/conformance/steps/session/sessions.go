package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// registerSessionsAPI binds the steps of SES-18 to SES-20 and SES-26.
func (s *steps) registerSessionsAPI() {
	s.Step(`^the (?:(first) )?session is looked up in the list of sessions$`, s.lookUp)
	s.Step(`^it shows an IP address$`, s.itShowsAnIPAddress)
	s.Step(`^it shows the device that logged in$`, s.itShowsTheDevice)
	s.Step(`^it shows the user who logged in$`, s.itShowsTheUser)
	s.Step(`^"(PUT|PATCH)" tries to change its IP address, its device and its user$`, s.tryToChange)
	s.Step(`^the session still shows the same IP address, device and user$`, s.stillTheSame)
	s.Step(`^the first session is ended$`, s.endFirst)
}

// sessionList is what a scenario found in the list of sessions.
type sessionList struct {
	entry map[string]any // the session's own entry
	id    string
	pair  *tokenPair // of that session, with an access token that grants access to the list
}

// lookUp finds a session's own entry: the list may hold the sessions of
// others, so each login has a user agent of its own.
func (s *steps) lookUp(ctx context.Context, ordinal string) error {
	pair, err := s.pair(ordinal)
	if err != nil {
		return err
	}
	entry, pair, err := s.ownEntry(ctx, pair)
	if err != nil {
		return err
	}
	id, err := entryID(entry, s.declared.SessionsAPI.ID)
	if err != nil {
		return err
	}
	s.listed = sessionList{entry: entry, id: id, pair: pair}
	return nil
}

// ownEntry also returns the pair of the session whose access token granted
// access to the list.
func (s *steps) ownEntry(ctx context.Context, pair *tokenPair) (map[string]any, *tokenPair, error) {
	answer, pair, err := s.list(ctx, pair)
	if err != nil {
		return nil, nil, err
	}
	value, err := answer.JSON()
	if err != nil {
		return nil, nil, err
	}
	entries, err := arrayIn(value)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s", err, answer.Brief())
	}
	ours := func(text string) bool { return strings.Contains(text, pair.agent) }
	for _, element := range entries {
		// In which member the device is shown, is for SES-18 alone.
		if entry, ok := element.(map[string]any); ok && slices.ContainsFunc(exchange.Scalars(entry), ours) {
			return entry, pair, nil
		}
	}
	return nil, nil, fmt.Errorf("expected one of %d sessions to show the user agent %q, found none: %s",
		len(entries), pair.agent, answer.Brief())
}

// list asks with the newest access token of a session first, because a server
// may let a refresh end the older ones.
func (s *steps) list(ctx context.Context, pair *tokenPair) (*exchange.Answer, *tokenPair, error) {
	var answer *exchange.Answer
	for _, one := range slices.Backward(s.pairs) {
		if one.agent != pair.agent {
			continue
		}
		var err error
		r := s.Authorize(exchange.NewRequest(http.MethodGet, s.declared.Prefix+s.declared.SessionsAPI.List), one.Access)
		if answer, err = s.Send(ctx, one.as(r)); err != nil {
			return nil, nil, err
		}
		if answer.Accepted() {
			return answer, one, nil
		}
	}
	return nil, nil, fmt.Errorf("expected the list of sessions, got %s", answer.Brief())
}

// arrayIn is an array itself, or the only array member of an object.
func arrayIn(value any) ([]any, error) {
	if array, ok := value.([]any); ok {
		return array, nil
	}
	object, _ := value.(map[string]any)
	var found [][]any
	for _, member := range object {
		if array, ok := member.([]any); ok {
			found = append(found, array)
		}
	}
	if len(found) != 1 {
		return nil, errors.New("expected an array, or an object with one array member")
	}
	return found[0], nil
}

// memberOf follows a path of names with dots; nil is for what is not there.
func memberOf(value any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return value
}

func entryID(entry map[string]any, path string) (string, error) {
	switch id := memberOf(entry, path).(type) {
	case string:
		if id != "" {
			return id, nil
		}
	case json.Number:
		return id.String(), nil
	}
	return "", fmt.Errorf("expected a string or a number as the session's %q, got %s", path, exchange.Shown(entry))
}

var errNotListed = errors.New("no session was looked up before this step")

// shown is an attribute of the session that was looked up.
func (s *steps) shown(path string) (any, error) {
	if s.listed.entry == nil {
		return nil, errNotListed
	}
	value := memberOf(s.listed.entry, path)
	if value == nil || value == "" {
		return nil, fmt.Errorf("expected the session to show %q, got %s", path, exchange.Shown(s.listed.entry))
	}
	return value, nil
}

// itShowsAnIPAddress takes any address that somebody can have: which one the
// subject saw depends on the network between.
func (s *steps) itShowsAnIPAddress() error {
	path := s.declared.SessionsAPI.IP
	value, err := s.shown(path)
	if err != nil {
		return err
	}
	text := fmt.Sprint(value)
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	if prefix, err := netip.ParsePrefix(text); err == nil {
		text = prefix.Addr().String()
	}
	if address, err := netip.ParseAddr(strings.Trim(text, "[]")); err != nil || address.IsUnspecified() {
		return fmt.Errorf("expected an IP address in the session's %q, got %s", path, exchange.Shown(value))
	}
	return nil
}

func (s *steps) itShowsTheDevice() error {
	path := s.declared.SessionsAPI.Device
	value, err := s.shown(path)
	if err != nil {
		return err
	}
	if !strings.Contains(fmt.Sprint(value), s.listed.pair.agent) {
		return fmt.Errorf("expected the user agent %q in the session's %q, got %s", s.listed.pair.agent, path, exchange.Shown(value))
	}
	return nil
}

// itShowsTheUser wants the e-mail address where the user is shown by one; an
// id or a name is taken as it is.
func (s *steps) itShowsTheUser() error {
	path := s.declared.SessionsAPI.User
	value, err := s.shown(path)
	if err != nil {
		return err
	}
	texts := exchange.Scalars(value)
	if len(texts) == 0 {
		return fmt.Errorf("expected a user in the session's %q, got %s", path, exchange.Shown(value))
	}
	isAddress := func(text string) bool { return strings.Contains(text, "@") }
	isLogin := func(text string) bool { return strings.EqualFold(text, s.Full().Login) }
	if slices.ContainsFunc(texts, isAddress) && !slices.ContainsFunc(texts, isLogin) {
		return fmt.Errorf("expected the user %q in the session's %q, got %s", s.Full().Login, path, exchange.Shown(value))
	}
	return nil
}

// tryToChange sends each attribute on the top level and once more inside
// "session", as the login does.
func (s *steps) tryToChange(ctx context.Context, method string) error {
	if s.listed.entry == nil {
		return errNotListed
	}
	api := s.declared.SessionsAPI
	changed := map[string]any{api.IP: "192.0.2.99", api.Device: "somebody else's device", api.User: "nobody@example.com"}
	body := map[string]any{"session": changed}
	for name, value := range changed {
		body[name] = value
	}
	r := exchange.NewRequest(method, s.declared.Prefix+withID(api.Item, s.listed.id)).WithJSON(body)
	_, err := s.Send(ctx, s.listed.pair.as(s.Authorize(r, s.listed.pair.Access)))
	return err
}

func withID(path, id string) string { return strings.ReplaceAll(path, "{id}", url.PathEscape(id)) }

func (s *steps) stillTheSame(ctx context.Context) error {
	if s.listed.entry == nil {
		return errNotListed
	}
	entry, _, err := s.ownEntry(ctx, s.listed.pair)
	if err != nil {
		return err
	}
	api := s.declared.SessionsAPI
	for _, path := range []string{api.IP, api.Device, api.User} {
		was, is := fmt.Sprint(memberOf(s.listed.entry, path)), fmt.Sprint(memberOf(entry, path))
		if was != is {
			return fmt.Errorf("expected the session's %q to stay %s, got %s", path, exchange.Shown(was), exchange.Shown(is))
		}
	}
	return nil
}

// endFirst ends the session of the first pair in the declared way.
func (s *steps) endFirst(ctx context.Context) error {
	if err := s.lookUp(ctx, "first"); err != nil {
		return err
	}
	end := s.declared.SessionsAPI.End
	r := exchange.NewRequest(end.Method, s.declared.Prefix+withID(end.Path, s.listed.id))
	answer, err := s.Send(ctx, s.listed.pair.as(s.Authorize(r, s.listed.pair.Access)))
	if err != nil {
		return err
	}
	if !answer.Accepted() {
		return fmt.Errorf("expected the session to be ended (2xx), got %s", answer.Brief())
	}
	return nil
}
