package steps

import (
	"context"
	"fmt"
	"strings"

	"github.com/cucumber/godog"
)

// registerAccess binds the words about what a token opens.
func (s *scopedWords) registerAccess(sc *godog.ScenarioContext) {
	s.step(sc, `^"([^"]*)" is open to (the token|the other token|the managing token)$`, s.isOpen)
	s.step(sc, `^"([^"]*)" is sent without a token$`, s.sentWithout)
	s.step(sc, `^"([^"]*)" is sent with (.+)$`, s.sentWith)
	s.step(sc, `^it is refused, or "([^"]*)" is not open to the token$`, s.isRefusedOrNotOpen)
}

// requestFor writes a request for "GET {list}" and the like. The path is sent
// as it stands there, tricks included.
func (s *scopedWords) requestFor(text string) (Request, error) {
	method, path, ok := strings.Cut(s.names.Replace(text), " ")
	if !ok {
		return Request{}, fmt.Errorf("%q is no method and path", text)
	}
	r := request(method, s.config.Prefix+path)
	resources := s.config.Resources
	if method == resources.Write && path == resources.List {
		r = r.withBody("application/json", resources.WriteBody)
	}
	return r, nil
}

// isOpen sends a request and wants it accepted. It makes its answer the last
// one, so that a failure shows it.
func (s *scopedWords) isOpen(ctx context.Context, text, noun string) error {
	token, err := s.named(noun)
	if err != nil {
		return err
	}
	r, err := s.requestFor(text)
	if err != nil {
		return err
	}
	answer, err := s.send(ctx, bearing(r, token))
	if err != nil {
		return err
	}
	if !answer.success() {
		return fmt.Errorf("expected %s to be open to %s (2xx), got %s", s.names.Replace(text), noun, answer.brief())
	}
	return nil
}

func (s *scopedWords) sentWithout(ctx context.Context, text string) error {
	r, err := s.requestFor(text)
	if err != nil {
		return err
	}
	_, err = s.send(ctx, r)
	return err
}

// sentWith sends a request with each token that a noun stands for: one, or
// several wrong ones. The first that is accepted ends it, so that the last
// answer is the one to judge.
func (s *scopedWords) sentWith(ctx context.Context, text, noun string) error {
	r, err := s.requestFor(text)
	if err != nil {
		return err
	}
	tokens, err := s.tokensFor(ctx, noun)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		answer, err := s.send(ctx, bearing(r, token))
		if err != nil || answer.success() {
			return err
		}
	}
	return nil
}

// tokensFor are the tokens that a noun stands for.
func (s *scopedWords) tokensFor(ctx context.Context, noun string) ([]*scopedToken, error) {
	switch noun {
	case "the token", "the other token", "the managing token":
		token, err := s.named(noun)
		return []*scopedToken{token}, err
	}
	right, err := s.named("the token")
	if err != nil {
		return nil, err
	}
	values := garblings(right.value)
	if noun != "the token garbled" {
		if values, err = s.forgeries(ctx, noun, right.value); err != nil {
			return nil, err
		}
	}
	wrong := make([]*scopedToken, len(values))
	for i, value := range values {
		wrong[i] = &scopedToken{value: s.forged(value)}
	}
	return wrong, nil
}

// isRefusedOrNotOpen is about a token that was asked for with more than its
// issuer has: either none is issued, or what was too much is not in it.
func (s *scopedWords) isRefusedOrNotOpen(ctx context.Context, text string) error {
	a, err := s.answer()
	if err != nil {
		return err
	}
	if !a.success() {
		return nil
	}
	if s.token == nil {
		return s.missing("the token")
	}
	r, err := s.requestFor(text)
	if err != nil {
		return err
	}
	answer, err := s.send(ctx, bearing(r, s.token))
	if err != nil {
		return err
	}
	if answer.success() {
		return fmt.Errorf("expected the issue to be refused, or %s to be shut to the issued token; it was issued, and got %s",
			s.names.Replace(text), answer.brief())
	}
	return nil
}
