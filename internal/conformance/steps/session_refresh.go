package steps

import (
	"context"
	"errors"
	"strings"

	"github.com/cucumber/godog"
)

// registerRefresh binds the words about POST /tokens.
func (s *sessionWords) registerRefresh(sc *godog.ScenarioContext) {
	s.step(sc, `^the (?:(first|second|third) )?pair is refreshed(?: again)?$`, func(ctx context.Context, ordinal string) error {
		return s.refreshBeside(ctx, ordinal, ordinal)
	})
	s.step(sc, `^the (first|second) pair is refreshed(?: again)? beside the access token of the (first|second|third) pair$`, s.refreshBeside)
	s.step(sc, `^the pair is refreshed by the documented curl command$`, s.refreshByCurl)
	s.step(sc, `^the access token is sent in place of the refresh token$`, s.refreshWithAccess)
	s.step(sc, `^the refresh token is sent in garbled forms$`, s.refreshWithGarbled)
	s.step(sc, `^the refresh '(.*)' is sent$`, s.thisRefreshIsSent)
	s.step(sc, `^the access tokens of both pairs differ$`, s.accessTokensDiffer)
}

// refreshBeside uses one pair's refresh token with the access token of another
// pair beside it, and keeps what that buys.
func (s *sessionWords) refreshBeside(ctx context.Context, ordinal, beside string) error {
	pair, err := s.pair(ordinal)
	if err != nil {
		return err
	}
	bearer, err := s.pair(beside)
	if err != nil {
		return err
	}
	return s.refresh(ctx, s.refreshRequest(pair.refresh, bearer.access), pair)
}

// refresh sends a refresh of a pair and keeps what it buys.
func (s *sessionWords) refresh(ctx context.Context, r Request, pair *tokenPair) error {
	answer, err := s.send(ctx, pair.as(r))
	if err != nil {
		return err
	}
	s.keep(answer, pair.agent)
	return nil
}

func (s *sessionWords) refreshByCurl(ctx context.Context) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	r := s.refreshRequest(pair.refresh, pair.access)
	return s.refresh(ctx, r.with("Content-Type", curlContentType), pair)
}

// refreshWithAccess keeps nothing: the pair that scenarios go on with is the
// login's.
func (s *sessionWords) refreshWithAccess(ctx context.Context) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	_, err = s.send(ctx, pair.as(s.refreshRequest(pair.access, pair.access)))
	return err
}

func (s *sessionWords) refreshWithGarbled(ctx context.Context) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	var requests []Request
	for _, token := range garblings(pair.refresh) {
		requests = append(requests, pair.as(s.refreshRequest(token, pair.access)))
	}
	return s.sendEach(ctx, requests...)
}

// thisRefreshIsSent sends a body as it stands; REFRESH in it stands for the
// refresh token.
func (s *sessionWords) thisRefreshIsSent(ctx context.Context, body string) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	r := s.refreshRequest(pair.refresh, pair.access)
	r.Body = strings.ReplaceAll(body, "REFRESH", jsonText(pair.refresh))
	_, err = s.send(ctx, pair.as(r))
	return err
}

func (s *sessionWords) accessTokensDiffer() error {
	first, err := s.pair("first")
	if err != nil {
		return err
	}
	second, err := s.pair("second")
	if err != nil {
		return err
	}
	if first.access == second.access {
		return errors.New("expected the second pair's access token to differ from the first's, got the same")
	}
	return nil
}
