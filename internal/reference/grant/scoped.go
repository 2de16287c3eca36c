package grant

import (
	"context"
	"slices"
	"time"
)

// ScopedRequest describes a scoped token to issue.
type ScopedRequest struct {
	Name string
	// Life is how long it lives; zero is [Lifetimes.Scoped].
	Life time.Duration
	// Scopes limit what it allows; nil: only the rights of its owner do.
	Scopes []string
}

// ScopedToken is a new scoped token.
type ScopedToken struct {
	Grant
	Token string
}

// IssueScoped issues a token (SCP-01 to SCP-04). Its life is exact to the
// millisecond; its exp claim, in whole seconds, may be less than one earlier.
func (s *Service) IssueScoped(ctx context.Context, subject Subject, request ScopedRequest) (ScopedToken, error) {
	id, err := s.datedID()
	if err != nil {
		return ScopedToken{}, err
	}
	if request.Life == 0 {
		request.Life = s.lives.Scoped
	}
	now := s.now()
	ends := now.Add(request.Life)
	token, err := s.signScoped(ctx, map[string]any{"jti": id, "sub": subject.Login, "iat": now.Unix(), "exp": ends.Unix()})
	if err != nil {
		return ScopedToken{}, err
	}
	r := &record{Login: subject.Login, Epoch: subject.Epoch, Name: request.Name, Scopes: slices.Clone(request.Scopes), Issued: now.UnixMilli()}
	r.Tokens = appendToken(nil, liveToken{Digest: digest(token), Ends: ends.UnixMilli()})
	return ScopedToken{Grant: r.grant(id, ends), Token: token}, s.create(ctx, kindScoped, id, r)
}

// IssueFrom issues a token for another one, the issuer. When the issuer has
// scopes, the new token allows at most the same: a request without scopes gets
// those of the issuer, one with wider scopes is [ErrWider] (SCP-15, SCP-18). The
// new token may live longer than the issuer.
func (s *Service) IssueFrom(ctx context.Context, issuer Grant, request ScopedRequest) (ScopedToken, error) {
	if issuer.Scopes != nil {
		if request.Scopes == nil {
			request.Scopes = issuer.Scopes
		}
		if !s.matcher.Covers(issuer.Scopes, request.Scopes) {
			return ScopedToken{}, ErrWider
		}
	}
	return s.IssueScoped(ctx, Subject{Login: issuer.Login, Epoch: issuer.Epoch}, request)
}

// ScopedID returns the id that a token names, or "". It authenticates nothing.
func ScopedID(token string) string { return jwtID(token, claimToken) }

// CheckScoped checks a token, but not its scopes. Errors wrap [ErrInvalid] or
// [store.ErrUnavailable].
func (s *Service) CheckScoped(ctx context.Context, token string) (Grant, error) {
	return s.check(ctx, kindScoped, jwtID(token, claimToken), token)
}

// ScopedTokens lists a user's live tokens (SCP-13) by their ids, which is oldest
// first: at most limit of those above after, and whether there are more.
func (s *Service) ScopedTokens(ctx context.Context, login, after string, limit int) (page []Grant, more bool, err error) {
	return s.page(ctx, kindScoped, login, after, limit)
}

// RevokeScoped ends one of a user's tokens (SCP-20), or returns [ErrNotFound].
// Tokens that it has issued remain.
func (s *Service) RevokeScoped(ctx context.Context, login, id string) error {
	return s.revoke(ctx, kindScoped, login, id)
}
