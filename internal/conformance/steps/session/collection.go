package session

import (
	"context"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// registerCollection binds the steps that ask for the protected collection, with
// each kind of right or wrong token and without one.
func (s *steps) registerCollection() {
	s.Step(`^the collection is asked for with the access token(?: of the (first|second|third) pair)?$`, s.askWithAccess)
	s.Step(`^the collection is asked for with the refresh token$`, s.askWithRefresh)
	s.Step(`^the collection is asked for without a token$`, s.askWithout)
	s.Step(`^the collection is asked for with empty and made-up tokens$`, s.askWithMadeUp)
	s.Step(`^the collection is asked for with garbled forms of the access token$`, s.askWithGarbled)
}

func (s *steps) askWithMadeUp(ctx context.Context) error {
	var requests []exchange.Request
	for _, token := range shared.MadeUpTokens() {
		requests = append(requests, s.Authorize(s.Protected(), token))
	}
	return s.SendEach(ctx, requests...)
}

func (s *steps) askWithAccess(ctx context.Context, ordinal string) error {
	pair, err := s.pair(ordinal)
	if err != nil {
		return err
	}
	_, err = s.Send(ctx, pair.as(s.Authorize(s.Protected(), pair.Access)))
	return err
}

func (s *steps) askWithRefresh(ctx context.Context) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	_, err = s.Send(ctx, pair.as(s.Authorize(s.Protected(), pair.Refresh)))
	return err
}

func (s *steps) askWithout(ctx context.Context) error {
	_, err := s.Send(ctx, s.Protected())
	return err
}

func (s *steps) askWithGarbled(ctx context.Context) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	var requests []exchange.Request
	for _, token := range tokens.Garblings(pair.Access) {
		requests = append(requests, pair.as(s.Authorize(s.Protected(), token)))
	}
	return s.SendEach(ctx, requests...)
}
