package tokens

import (
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

// JWTs are what looks like a JWT in a text: eyJ and more of base64url, a point, as much
// again, a point, and perhaps more. A run looks at tens of thousands of answers, so no
// regular expression does it, and no character is looked at more than a few times.
func JWTs(text string) []string {
	const begin, least = "eyJ", 8
	var found []string
	for {
		_, rest, more := strings.Cut(text, begin)
		if !more {
			return found
		}
		head := base64URL(rest)
		payload := base64URL(afterPoint(rest[head:]))
		signed := head + 1 + payload
		if head < least || payload < least || signed >= len(rest) || rest[signed] != '.' {
			text = rest[head:] // what begins later in the same part ends alike
			continue
		}
		length := len(begin) + signed + 1 + base64URL(rest[signed+1:])
		start := len(text) - len(begin) - len(rest)
		found = append(found, text[start:start+length])
		text = text[start+length:]
	}
}

// afterPoint is what follows the point that a text begins with; "" where it begins
// with another character.
func afterPoint(text string) string {
	if !strings.HasPrefix(text, ".") {
		return ""
	}
	return text[1:]
}

// base64URL is how many characters of base64url a text begins with.
func base64URL(text string) int {
	for i := range len(text) {
		switch c := text[i]; {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return i
		}
	}
	return len(text)
}

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
