package session

import (
	"context"
	"errors"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// registerRefresh binds the steps about POST /tokens.
func (s *steps) registerRefresh() {
	s.Step(`^the (?:(first|second|third) )?pair is refreshed(?: again)?$`, func(ctx context.Context, ordinal string) error {
		return s.refreshBeside(ctx, ordinal, ordinal)
	})
	s.Step(`^the (first|second) pair is refreshed(?: again)? beside the access token of the (first|second|third) pair$`, s.refreshBeside)
	s.Step(`^the first pair is refreshed (\d+) times at once$`, s.refreshedAtOnce)
	s.Step(`^one of their access tokens is used$`, s.oneIsUsed)
	s.Step(`^none of their access tokens is accepted$`, s.noAccessIsAccepted)
	s.Step(`^none of their refresh tokens is accepted$`, s.noRefreshIsAccepted)
	s.Step(`^the pair is refreshed by the documented curl command$`, s.refreshByCurl)
	s.Step(`^the access token is sent in place of the refresh token$`, s.refreshWithAccess)
	s.Step(`^the refresh token is sent in garbled forms$`, s.refreshWithGarbled)
	s.Step(`^the refresh '(.*)' is sent$`, s.thisRefreshIsSent)
	s.Step(`^the access tokens of both pairs differ$`, s.accessTokensDiffer)
}

// refreshBeside uses one pair's refresh token with the access token of another
// pair beside it, and keeps what that obtains.
func (s *steps) refreshBeside(ctx context.Context, ordinal, beside string) error {
	pair, err := s.pair(ordinal)
	if err != nil {
		return err
	}
	bearer, err := s.pair(beside)
	if err != nil {
		return err
	}
	return s.refresh(ctx, s.RefreshRequest(pair.Refresh, bearer.Access), pair)
}

// refresh sends a refresh of a pair and keeps what it obtains.
func (s *steps) refresh(ctx context.Context, r exchange.Request, pair *tokenPair) error {
	answer, err := s.Send(ctx, pair.as(r))
	if err != nil {
		return err
	}
	s.keep(answer, pair.agent)
	return nil
}

func (s *steps) refreshByCurl(ctx context.Context) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	r := s.RefreshRequest(pair.Refresh, pair.Access)
	return s.refresh(ctx, r.With("Content-Type", curlContentType), pair)
}

// refreshWithAccess keeps nothing: the pair that scenarios go on with is the
// login's.
func (s *steps) refreshWithAccess(ctx context.Context) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	_, err = s.Send(ctx, pair.as(s.RefreshRequest(pair.Access, pair.Access)))
	return err
}

func (s *steps) refreshWithGarbled(ctx context.Context) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	var requests []exchange.Request
	for _, token := range tokens.Garblings(pair.Refresh) {
		requests = append(requests, pair.as(s.RefreshRequest(token, pair.Access)))
	}
	return s.SendEach(ctx, requests...)
}

// thisRefreshIsSent sends a body as it stands; REFRESH in it stands for the
// refresh token.
func (s *steps) thisRefreshIsSent(ctx context.Context, body string) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	r := s.RefreshRequest(pair.Refresh, pair.Access)
	r.Body = strings.ReplaceAll(body, "REFRESH", exchange.JSONText(pair.Refresh))
	_, err = s.Send(ctx, pair.as(r))
	return err
}

func (s *steps) accessTokensDiffer() error {
	first, err := s.pair("first")
	if err != nil {
		return err
	}
	second, err := s.pair("second")
	if err != nil {
		return err
	}
	if first.Access == second.Access {
		return errors.New("expected the second pair's access token to differ from the first's, got the same")
	}
	return nil
}
