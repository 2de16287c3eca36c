package steps

import (
	"context"

	"github.com/cucumber/godog"
)

// registerCollection binds the words about the protected collection.
func (s *sessionWords) registerCollection(sc *godog.ScenarioContext) {
	s.step(sc, `^the collection is asked for with the access token(?: of the (first|second|third) pair)?$`, s.askWithAccess)
	s.step(sc, `^the collection is asked for with the refresh token$`, s.askWithRefresh)
	s.step(sc, `^the collection is asked for without a token$`, s.askWithout)
	s.step(sc, `^the collection is asked for with empty and made-up tokens$`, s.askWithMadeUp)
	s.step(sc, `^the collection is asked for with garbled forms of the access token$`, s.askWithGarbled)
}

// madeUpTokens are what clients send by mistake, and a guess.
func madeUpTokens() []string { return []string{"", "x", "null", "undefined", randomHex(24)} }

func (s *sessionWords) askWithMadeUp(ctx context.Context) error {
	var requests []Request
	for _, token := range madeUpTokens() {
		requests = append(requests, s.authorize(s.protected(), token))
	}
	return s.sendEach(ctx, requests...)
}

func (s *sessionWords) askWithAccess(ctx context.Context, ordinal string) error {
	pair, err := s.pair(ordinal)
	if err != nil {
		return err
	}
	_, err = s.send(ctx, pair.as(s.authorize(s.protected(), pair.access)))
	return err
}

func (s *sessionWords) askWithRefresh(ctx context.Context) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	_, err = s.send(ctx, pair.as(s.authorize(s.protected(), pair.refresh)))
	return err
}

func (s *sessionWords) askWithout(ctx context.Context) error {
	_, err := s.send(ctx, s.protected())
	return err
}

func (s *sessionWords) askWithGarbled(ctx context.Context) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	var requests []Request
	for _, token := range garblings(pair.access) {
		requests = append(requests, pair.as(s.authorize(s.protected(), token)))
	}
	return s.sendEach(ctx, requests...)
}
