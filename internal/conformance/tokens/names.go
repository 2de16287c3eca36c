package tokens

import (
	"regexp"
	"slices"
	"strings"
)

var (
	wordSeparators = strings.NewReplacer("_", "", "-", "", ".", "", " ", "")
	// Anti-forgery tokens grant no access; a login page may well carry one.
	antiForgery = []string{"csrf", "xsrf", "authenticity", "forgery", "verification"}
)

// NamedLike says whether a name is one that tokens bear: token,
// access_token, tokenValue, X-Auth-Bearer, jwt; but not token_type, token_name.
func NamedLike(name string) bool {
	plain := strings.ToLower(wordSeparators.Replace(name))
	if slices.ContainsFunc(antiForgery, func(word string) bool { return strings.Contains(plain, word) }) {
		return false
	}
	return strings.HasSuffix(plain, "token") || strings.HasSuffix(plain, "tokenvalue") ||
		plain == "bearer" || plain == "xauthbearer" || plain == "jwt"
}

var jwtLike = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`)

// JWTs are what looks like a JWT in a text.
func JWTs(text string) []string { return jwtLike.FindAllString(text, -1) }

// In says whether a text holds what looks like a token: a JWT, or the Rails
// envelope.
func In(text string) bool {
	if strings.Contains(text, railsEnvelope) {
		return true
	}
	return slices.ContainsFunc(JWTs(text), func(found string) bool {
		_, _, _, ok := SplitJWT(found)
		return ok
	})
}
