package sdk

import "net/http"

// Bearer is the part of a [Dialect] whose token travels as "Authorization:
// Bearer" (RFC 6750 section 2.1) and is rejected with 401. A dialect embeds it,
// and replaces Rejected where its servers reject in other ways, too.
type Bearer struct{}

// Authorize implements [Dialect].
func (Bearer) Authorize(header http.Header, token Token) {
	header.Set("Authorization", "Bearer "+token.Access.Reveal())
}

// Rejected implements [Dialect].
func (Bearer) Rejected(response *http.Response) bool {
	return response.StatusCode == http.StatusUnauthorized
}
