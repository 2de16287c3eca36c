// Package jwtexpiry reads the end of a token that happens to be a JSON Web
// Token. It verifies nothing: a client has no key, and only plans by the date.
package jwtexpiry

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Of returns the exp claim of token (RFC 7519 section 4.1.4), and false when
// token is no JWT or has none.
func Of(token string) (time.Time, bool) {
	claims := jwt.RegisteredClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, &claims); err != nil || claims.ExpiresAt == nil {
		return time.Time{}, false
	}
	return claims.ExpiresAt.Time, true
}
