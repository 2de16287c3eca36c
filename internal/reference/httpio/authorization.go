package httpio

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// Bearer returns the token of the Authorization header (RFC 6750 section 2.1).
// found says whether the request has such a header; with another scheme, with
// several headers, and where the header does not follow its grammar, the token is
// empty.
func Bearer(r *http.Request) (token string, found bool) {
	return ParseBearer(r.Header.Values("Authorization"))
}

// ParseBearer is [Bearer] for the values of a header or of metadata.
func ParseBearer(values []string) (token string, found bool) {
	return parseScheme("Bearer", values), len(values) > 0
}

// Basic returns the name and the password of the Authorization header (RFC 7617).
// ok is false where it does not carry both.
func Basic(r *http.Request) (name, password string, ok bool) {
	encoded := parseScheme("Basic", r.Header.Values("Authorization"))
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(text), ":")
}

// parseScheme returns the token68 of credentials that have a scheme: the name of
// the scheme in any letter case, one space or more, and nothing else (RFC 9110
// sections 11.2 and 11.4). All else is "".
func parseScheme(scheme string, values []string) string {
	if len(values) != 1 {
		return ""
	}
	name, rest, _ := strings.Cut(values[0], " ")
	token := strings.TrimLeft(rest, " ")
	if !strings.EqualFold(name, scheme) || !isToken68(strings.TrimRight(token, "=")) {
		return ""
	}
	return token
}

// token68 has the bytes of a token68 without its padding.
var token68 = func() (contains [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/") {
		contains[c] = true
	}
	return contains
}()

// isToken68 reads bytes, not characters: tokens are long, and each request has one.
func isToken68(text string) bool {
	for i := range len(text) {
		if !token68[text[i]] {
			return false
		}
	}
	return true
}
