package scoped

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// registerAccess binds the steps about what a token grants access to.
func (s *steps) registerAccess() {
	s.Step(`^(the token|the other token|the managing token) grants access to "([^"]*)"$`, s.grantsAccess)
	s.Step(`^"([^"]*)" is sent without a token$`, s.sentWithout)
	s.Step(`^"([^"]*)" is sent with (.+)$`, s.sentWith)
	s.Step(`^it is answered otherwise than with 403$`, s.isAnsweredOtherwise)
	s.Step(`^it is answered with the same status$`, s.hasSameStatus)
	s.Step(`^it is refused, or the token grants no access to "([^"]*)"$`, s.isRefusedOrGrantsNoAccess)
}

// requestFor writes a request for "GET {list}" and the like, with the body that
// "{write} {list}" and "POST {tokens}" need. The path is sent as it stands there,
// tricks included.
func (s *steps) requestFor(text string) (exchange.Request, error) {
	method, path, ok := strings.Cut(s.names.Replace(text), " ")
	if !ok {
		return exchange.Request{}, fmt.Errorf("%q is no method and path", text)
	}
	r := exchange.NewRequest(method, s.declared.Prefix+path)
	resources := s.declared.Resources
	if method == resources.Write && path == resources.List {
		r = r.WithBody("application/json", resources.WriteBody)
	}
	if method == http.MethodPost && path == s.declared.Tokens {
		r = r.WithJSON(map[string]any{"expiresIn": "30 minutes", "name": dialect.OwnName(), "scopes": s.scopes("GET {list}")})
	}
	return r, nil
}

// grantsAccess sends a request and wants it accepted. It makes its answer the
// last one, so that a failure shows it.
func (s *steps) grantsAccess(ctx context.Context, noun, text string) error {
	token, err := s.named(noun)
	if err != nil {
		return err
	}
	r, err := s.requestFor(text)
	if err != nil {
		return err
	}
	answer, err := s.Send(ctx, s.bearing(r, token))
	if err != nil {
		return err
	}
	if !answer.Accepted() {
		return fmt.Errorf("expected %s to grant access to %s (2xx), got %s", noun, s.names.Replace(text), answer.Brief())
	}
	return nil
}

func (s *steps) sentWithout(ctx context.Context, text string) error {
	r, err := s.requestFor(text)
	if err != nil {
		return err
	}
	_, err = s.Send(ctx, r)
	return err
}

// isAnsweredOtherwise keeps the status of an answer to a token with the right:
// there may well be nothing at the path.
func (s *steps) isAnsweredOtherwise() error {
	a, err := s.Answer()
	if err != nil {
		return err
	}
	if s.status = a.Status; a.Status == http.StatusForbidden {
		return fmt.Errorf("expected anything but a refusal, for the token has the right; got %s", a.Brief())
	}
	return nil
}

func (s *steps) hasSameStatus() error {
	a, err := s.Answer()
	if err != nil {
		return err
	}
	if a.Status != s.status {
		return fmt.Errorf("expected %d, as the full account's own token is answered, got %s", s.status, a.Brief())
	}
	return nil
}

// sentWith sends a request with each token that a noun stands for: one, or
// several wrong ones. The first that is accepted ends it, so that the last
// answer is the one to judge.
func (s *steps) sentWith(ctx context.Context, text, noun string) error {
	r, err := s.requestFor(text)
	if err != nil {
		return err
	}
	tokens, err := s.tokensFor(ctx, noun)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		answer, err := s.Send(ctx, s.bearing(r, token))
		if err != nil || answer.Accepted() {
			return err
		}
	}
	return nil
}

// tokensFor are the tokens that a noun stands for.
func (s *steps) tokensFor(ctx context.Context, noun string) ([]*scopedToken, error) {
	switch noun {
	case "the token", "the other token", "the managing token":
		token, err := s.named(noun)
		return []*scopedToken{token}, err
	}
	right, err := s.named("the token")
	if err != nil {
		return nil, err
	}
	way := noun
	if noun == "the token garbled" {
		way = ""
	}
	values, err := s.Forge(ctx, way, right.value)
	if err != nil {
		return nil, err
	}
	wrong := make([]*scopedToken, len(values))
	for i, value := range values {
		wrong[i] = &scopedToken{value: value}
	}
	return wrong, nil
}

// isRefusedOrGrantsNoAccess is about a token that was asked for with more than its
// issuer has: either none is issued, or what was too much is not in it.
func (s *steps) isRefusedOrGrantsNoAccess(ctx context.Context, text string) error {
	a, err := s.Answer()
	if err != nil {
		return err
	}
	if !a.Accepted() {
		return nil
	}
	if s.token == nil {
		return s.missing("the token")
	}
	r, err := s.requestFor(text)
	if err != nil {
		return err
	}
	answer, err := s.Send(ctx, s.bearing(r, s.token))
	if err != nil {
		return err
	}
	if answer.Accepted() {
		return fmt.Errorf("expected the issue to be refused, or the issued token to grant no access to %s, got a token, and with it %s",
			s.names.Replace(text), answer.Brief())
	}
	return nil
}
