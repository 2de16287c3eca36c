package grant

import (
	"context"
	"slices"
	"time"
)

// ScopedRequest is what a scoped token is asked for with.
type ScopedRequest struct {
	Name string
	// Life is how long it lives; zero is the default of a day.
	Life time.Duration
	// Scopes limit it; nil is no limit beyond its owner's rights.
	Scopes []string
}

// ScopedToken is a new scoped token.
type ScopedToken struct {
	Grant
	Token string
}

// scopedIDBytes makes ids of 24 hex digits.
const scopedIDBytes = 12

// IssueScoped issues a token (SCP-01 to SCP-04). Its life is exact to the
// millisecond; its exp claim, in whole seconds, may be less than one earlier.
func (s *Service) IssueScoped(ctx context.Context, subject Subject, ask ScopedRequest) (ScopedToken, error) {
	id, err := s.draw(scopedIDBytes)
	if err != nil {
		return ScopedToken{}, err
	}
	if ask.Life == 0 {
		ask.Life = s.lives.Scoped
	}
	now := s.now()
	ends := now.Add(ask.Life)
	token, err := s.signScoped(ctx, map[string]any{"jti": id, "sub": subject.Login, "iat": now.Unix(), "exp": ends.Unix()})
	if err != nil {
		return ScopedToken{}, err
	}
	r := &record{Login: subject.Login, Epoch: subject.Epoch, Name: ask.Name, Scopes: slices.Clone(ask.Scopes), Issued: now.UnixMilli()}
	r.add(now, liveToken{Digest: digest(token), Ends: ends.UnixMilli()})
	return ScopedToken{Grant: r.grant(id, ends), Token: token}, s.create(ctx, kindScoped, id, r)
}

// IssueFrom issues a token on the strength of another. When the issuer has
// scopes, the new token has at most those: asking for none gives it the
// issuer's, asking for more is [ErrWider] (SCP-15, SCP-18). Its life may exceed
// the issuer's.
func (s *Service) IssueFrom(ctx context.Context, issuer Grant, ask ScopedRequest) (ScopedToken, error) {
	if issuer.Scopes != nil {
		if ask.Scopes == nil {
			ask.Scopes = issuer.Scopes
		}
		if !s.matcher.Covers(issuer.Scopes, ask.Scopes) {
			return ScopedToken{}, ErrWider
		}
	}
	return s.IssueScoped(ctx, Subject{Login: issuer.Login, Epoch: issuer.Epoch}, ask)
}

// CheckScoped judges a token; what its scopes allow is for the caller to ask.
// Errors wrap [ErrInvalid] or [store.ErrUnavailable].
func (s *Service) CheckScoped(ctx context.Context, token string) (Grant, error) {
	g, _, _, err := s.check(ctx, kindScoped, jwtID(token, claimToken), token)
	return g, err
}

// ScopedTokens lists a user's live tokens, oldest first (SCP-13).
func (s *Service) ScopedTokens(ctx context.Context, login string) ([]Grant, error) {
	return s.list(ctx, kindScoped, login)
}

// RevokeScoped ends one of a user's tokens (SCP-20), or returns [ErrNotFound].
// What it issued lives on.
func (s *Service) RevokeScoped(ctx context.Context, login, id string) error {
	return s.revoke(ctx, kindScoped, login, id)
}
