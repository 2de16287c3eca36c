// Package headerfield knows what the header of a request can hold.
package headerfield

import (
	"slices"
	"strings"
)

// IsName says whether text is the name of a field or a method: a token of RFC
// 9110 section 5.6.2.
func IsName(text string) bool {
	for i := range len(text) {
		c := text[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return text != ""
}

// IsValue says whether text arrives as it is in a field (RFC 9110 section 5.5,
// without its obsolete characters over 127): printable ASCII, with spaces and
// tabs inside, but not at an end.
func IsValue(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < ' ' || c > '~') && c != '\t' {
			return false
		}
	}
	return strings.Trim(text, " \t") == text
}

// AreFields says whether a header can hold these fields.
func AreFields(fields map[string][]string) bool {
	for name, values := range fields {
		if !IsName(name) || slices.ContainsFunc(values, func(value string) bool { return !IsValue(value) }) {
			return false
		}
	}
	return true
}

// IsMetadataKey says whether gRPC takes key, in small letters, from a caller.
func IsMetadataKey(key string) bool {
	return key != "" && strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == "" && !strings.HasPrefix(key, "grpc-")
}
