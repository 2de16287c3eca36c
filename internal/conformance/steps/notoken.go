package steps

import (
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
)

// findToken looks for a token in an answer that must not carry any, and says
// where it is, or "". A token is a non-empty string in a member, header or
// cookie that is named like one, and whatever looks like a JWT or like the
// Rails envelope, wherever it stands. Empty and null members are none.
func findToken(a *Answer) string {
	if value, err := a.json(); err == nil {
		if where := findTokenMember(value, ""); where != "" {
			return where
		}
	}
	if looksLikeToken(a.Body) {
		return "the body holds what looks like a token"
	}
	for name, value := range a.headersAndCookies() {
		if value != "" && namedLikeToken(name) {
			return fmt.Sprintf("the header or cookie %q holds %q", name, value)
		}
		if looksLikeToken(value) {
			return fmt.Sprintf("the header or cookie %q holds what looks like a token", name)
		}
	}
	return ""
}

// headersAndCookies yields the name and value of each header field, and of each
// cookie instead of the field that sets it.
func (a *Answer) headersAndCookies() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for field, values := range a.Header {
			for _, value := range values {
				name := field
				if field == "Set-Cookie" {
					name, value, _ = strings.Cut(value, "=")
					value, _, _ = strings.Cut(value, ";")
				}
				if !yield(name, value) {
					return
				}
			}
		}
	}
}

// findTokenMember walks through a JSON value.
func findTokenMember(value any, path string) string {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if text, ok := member.(string); ok && text != "" && namedLikeToken(name) {
				return fmt.Sprintf("the member %q holds %q", path+name, text)
			}
			if where := findTokenMember(member, path+name+"."); where != "" {
				return where
			}
		}
	case []any:
		for i, element := range value {
			if where := findTokenMember(element, fmt.Sprintf("%s%d.", path, i)); where != "" {
				return where
			}
		}
	}
	return ""
}

var (
	wordSeparators = strings.NewReplacer("_", "", "-", "", ".", "", " ", "")
	// Anti-forgery tokens open nothing; a login page may well carry one.
	antiForgery = []string{"csrf", "xsrf", "authenticity", "forgery", "verification"}
)

// namedLikeToken says whether a name is one that tokens bear: token,
// access_token, tokenValue, X-Auth-Bearer, jwt; but not token_type, token_name.
func namedLikeToken(name string) bool {
	plain := strings.ToLower(wordSeparators.Replace(name))
	if slices.ContainsFunc(antiForgery, func(word string) bool { return strings.Contains(plain, word) }) {
		return false
	}
	return strings.HasSuffix(plain, "token") || strings.HasSuffix(plain, "tokenvalue") ||
		plain == "bearer" || plain == "xauthbearer" || plain == "jwt"
}

var jwtLike = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`)

func looksLikeToken(text string) bool {
	if strings.Contains(text, railsEnvelope) {
		return true
	}
	return slices.ContainsFunc(jwtLike.FindAllString(text, -1), func(found string) bool {
		_, _, _, ok := splitJWT(found)
		return ok
	})
}

// noTokenIsInTheAnswer is for refused logins and the like.
func (w *World) noTokenIsInTheAnswer() error {
	a, err := w.answer()
	if err != nil {
		return err
	}
	if where := findToken(a); where != "" {
		return fmt.Errorf("expected no token anywhere in the answer, got one: %s, in %s", where, a.brief())
	}
	return nil
}
