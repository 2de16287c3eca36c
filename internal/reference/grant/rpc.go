package grant

import (
	"context"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
)

// RPCToken is the result of an rpc login and of a renewal.
type RPCToken struct {
	Token string
	// ExpiresAt is the end, in whole seconds, and the exp claim of the token.
	ExpiresAt time.Time
	// ExpiresIn is the life from now, in whole seconds.
	ExpiresIn time.Duration
}

// OpenRPC starts a session and returns its first token (RPC-01, RPC-05).
func (s *Service) OpenRPC(ctx context.Context, subject Subject) (RPCToken, error) {
	id, err := s.datedUUID()
	if err != nil {
		return RPCToken{}, err
	}
	now := s.now()
	token, err := s.signRPC(ctx, id, subject, now)
	if err != nil {
		return RPCToken{}, err
	}
	r := &record{Login: subject.Login, Epoch: subject.Epoch, Issued: now.UnixMilli()}
	r.Tokens = appendToken(nil, token.liveToken())
	return token, s.create(ctx, kindRPC, id, r)
}

func (t RPCToken) liveToken() liveToken {
	return liveToken{Digest: digest(t.Token), Ends: t.ExpiresAt.UnixMilli()}
}

// signRPC makes a token with the documented claims, and a jti by which two tokens
// of one second differ.
func (s *Service) signRPC(ctx context.Context, session string, subject Subject, now time.Time) (RPCToken, error) {
	jti, err := s.draw(12)
	if err != nil {
		return RPCToken{}, err
	}
	roles := subject.Roles
	if roles == nil {
		roles = []string{}
	}
	ends := now.Add(s.lives.RPC).Truncate(time.Second)
	token, err := s.signRPCClaims(ctx, map[string]any{
		"aud": "*.*", "exp": ends.Unix(), "iat": now.Unix(), "iss": s.issuer, "lgn": subject.Login,
		"rls": roles, "sid": session, "sub": subject.UserID, "jti": jti,
	})
	return RPCToken{Token: token, ExpiresAt: ends, ExpiresIn: s.lives.RPC.Truncate(time.Second)}, err
}

// CheckRPC checks a token. Errors wrap [ErrInvalid] or [store.ErrUnavailable].
func (s *Service) CheckRPC(ctx context.Context, token string) (Grant, error) {
	return s.check(ctx, kindRPC, jwtID(token, claimSession), token)
}

// RenewRPC issues another token of the same session for one that is live; each
// lives until its own end (RPC-07, RPC-08). Errors wrap [ErrInvalid] or
// [store.ErrUnavailable].
func (s *Service) RenewRPC(ctx context.Context, token string, subject Subject) (RPCToken, error) {
	g, err := s.CheckRPC(ctx, token)
	if err != nil {
		return RPCToken{}, err
	}
	next, err := s.signRPC(ctx, g.ID, subject, s.now())
	if err != nil {
		return RPCToken{}, err
	}
	r, err := s.change(ctx, kindRPC, g.ID, func(r *record) error {
		now := s.now()
		if _, err := r.live(now, token); err != nil {
			return err
		}
		r.Tokens, r.Renewed = r.Tokens.with(now, next.liveToken()), now.UnixMilli()
		return nil
	})
	if err == nil {
		s.record(ctx, audit.Renewed, kindRPC, g.ID, r.Login)
	}
	return next, err
}

// CloseRPC ends the session of a live token with all its tokens (RPC-09,
// RPC-10). Errors wrap [ErrInvalid] or [store.ErrUnavailable].
func (s *Service) CloseRPC(ctx context.Context, token string) error {
	g, err := s.CheckRPC(ctx, token)
	if err != nil {
		return err
	}
	return s.end(ctx, kindRPC, g.ID, g.Login, ErrInvalid)
}
