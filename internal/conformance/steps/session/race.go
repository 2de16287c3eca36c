package session

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
)

// refreshedAtOnce sends one refresh many times. How many of them succeed, and
// whether with the same pair, is up to the server.
func (s *steps) refreshedAtOnce(ctx context.Context, n int) error {
	pair, err := s.pair("first")
	if err != nil {
		return err
	}
	type outcome struct {
		answer *exchange.Answer
		err    error
	}
	for _, o := range shared.Concurrently(n, func(int) outcome {
		answer, err := s.Do(ctx, pair.as(s.RefreshRequest(pair.Refresh, pair.Access)))
		return outcome{answer, err}
	}) {
		if o.err != nil {
			return o.err
		}
		s.keep(o.answer, pair.agent)
	}
	if len(s.pairs) == 1 {
		return fmt.Errorf("expected at least one of %d refreshes at once to succeed, none did", n)
	}
	return nil
}

// successors are the pairs that the first one's refreshes obtained.
func (s *steps) successors() ([]*tokenPair, error) {
	if len(s.pairs) < 2 {
		return nil, errors.New("nothing was refreshed before this step")
	}
	return s.pairs[1:], nil
}

// oneIsUsed asks for the collection with one successor after the other until one
// grants access. A server that takes the race for theft has ended all of them, and
// then none is in use.
func (s *steps) oneIsUsed(ctx context.Context) error {
	pairs, err := s.successors()
	if err != nil {
		return err
	}
	for _, pair := range pairs {
		answer, err := s.Do(ctx, pair.as(s.Authorize(s.Protected(), pair.Access)))
		if err != nil {
			return err
		}
		if answer.Accepted() {
			s.inUse = true
			return nil
		}
	}
	return nil
}

func (s *steps) noAccessIsAccepted(ctx context.Context) error {
	return s.noneIsAccepted(ctx, "access token", func(pair *tokenPair) exchange.Request { return s.Authorize(s.Protected(), pair.Access) })
}

// noRefreshIsAccepted wants nothing where no successor could be used: what a replay
// does is free until then.
func (s *steps) noRefreshIsAccepted(ctx context.Context) error {
	if !s.inUse {
		return nil
	}
	return s.noneIsAccepted(ctx, "refresh token", func(pair *tokenPair) exchange.Request { return s.RefreshRequest(pair.Refresh, pair.Access) })
}

func (s *steps) noneIsAccepted(ctx context.Context, what string, request func(*tokenPair) exchange.Request) error {
	pairs, err := s.successors()
	if err != nil {
		return err
	}
	for i, pair := range pairs {
		answer, err := s.Do(ctx, pair.as(request(pair)))
		if err != nil {
			return err
		}
		if answer.Accepted() {
			return fmt.Errorf("expected the %s of successor %d of %d to be refused, got %s", what, i+1, len(pairs), answer.Brief())
		}
	}
	return nil
}
