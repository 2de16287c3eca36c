package security

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
)

// registerConcurrent binds the steps of SEC-05.
func (s *steps) registerConcurrent() {
	s.Step(`^(\d+) logins are made at once$`, s.loginsAtOnce)
	s.Step(`^each of their tokens grants access to the protected resource$`, s.eachTokenGrantsAccess)
	s.Step(`^another login's token can be renewed$`, s.anotherTokenCanBeRenewed)
	s.Step(`^the token is renewed (\d+) times at once$`, s.renewedAtOnce)
	s.Step(`^a working token is left$`, s.aWorkingTokenIsLeft)
}

// renewal is the outcome of one login or renewal among many.
type renewal struct {
	answer *exchange.Answer
	grant  *dialect.Grant
	err    error
}

func (s *steps) loginsAtOnce(ctx context.Context, n int) error {
	refused := 0
	var first error
	for _, o := range shared.Concurrently(n, func(int) renewal {
		grant, err := s.loginAtOnce(ctx, s.Dialect.Full())
		return renewal{grant: grant, err: err}
	}) {
		if o.err != nil {
			refused++
			if first == nil {
				first = o.err
			}
			continue
		}
		s.grants = append(s.grants, o.grant)
	}
	if first != nil {
		return fmt.Errorf("expected %d logins at once to succeed, %d did not: %w", n, refused, first)
	}
	return nil
}

func (s *steps) eachTokenGrantsAccess(ctx context.Context) error {
	for i, g := range s.grants {
		if err := s.grantsAccess(ctx, g.Access); err != nil {
			return fmt.Errorf("token %d of %d: %w", i+1, len(s.grants), err)
		}
	}
	return nil
}

// anotherTokenCanBeRenewed leaves the kept token alone.
func (s *steps) anotherTokenCanBeRenewed(ctx context.Context) error {
	grant, err := s.mustLogIn(ctx, s.Dialect.Full())
	if err != nil {
		return err
	}
	answer, renewed, err := s.Dialect.Renew(ctx, grant)
	if err == nil && renewed == nil {
		err = fmt.Errorf("expected a renewal to obtain a token, got %s", answer.Brief())
	}
	if err != nil {
		return err
	}
	return s.grantsAccess(ctx, renewed.Access)
}

// renewedAtOnce keeps what was granted. That some are refused is allowed: a
// server may let one of them win.
func (s *steps) renewedAtOnce(ctx context.Context, n int) error {
	if s.grant == nil {
		return errNoGrant
	}
	var last *exchange.Answer
	var failed error
	for _, o := range shared.Concurrently(n, func(int) renewal {
		answer, grant, err := s.Dialect.Renew(ctx, s.grant)
		return renewal{answer, grant, err}
	}) {
		switch {
		case o.err != nil:
			failed = o.err
		case o.grant == nil:
			last = o.answer
		default:
			s.grants = append(s.grants, o.grant)
		}
	}
	switch {
	case len(s.grants) > 0:
		return nil
	case failed != nil:
		return fmt.Errorf("expected at least one of %d renewals at once to succeed: %w", n, failed)
	}
	return fmt.Errorf("expected at least one of %d renewals at once to succeed, got %s", n, last.Brief())
}

// aWorkingTokenIsLeft wants one of the renewed tokens to grant access to the
// protected resource, and to be renewed once more into one that does.
func (s *steps) aWorkingTokenIsLeft(ctx context.Context) error {
	failed := errors.New("nothing was renewed before this step")
	tried := map[dialect.Grant]bool{}
	for _, g := range s.grants {
		if tried[*g] {
			continue
		}
		tried[*g] = true
		if failed = s.works(ctx, g); failed == nil {
			return nil
		}
	}
	return fmt.Errorf("expected one of the renewed tokens to work on: %w", failed)
}

func (s *steps) works(ctx context.Context, g *dialect.Grant) error {
	if err := s.grantsAccess(ctx, g.Access); err != nil {
		return err
	}
	answer, next, err := s.Dialect.Renew(ctx, g)
	if err != nil {
		return err
	}
	if next == nil {
		return fmt.Errorf("expected another renewal to succeed, got %s", answer.Brief())
	}
	return s.grantsAccess(ctx, next.Access)
}
