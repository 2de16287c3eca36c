// Package secretscan finds secrets in texts that come from outside of the SDK, such as
// a server's answer or a transport's error. Such a text may contain a secret as it
// is or encoded.
package secretscan

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// tooShort is a length in bytes. Secrets that are shorter are not searched for:
// they occur in most texts by chance.
const tooShort = 4

// In says whether text contains one of the secrets: as it is, escaped for a URL,
// for JSON, for Go or for HTML, in base64 or in hex. White space in text and in the
// secrets is ignored. A secret that has fewer than four bytes without its white
// space is not searched for. In is safe for concurrent use.
func In(text string, secrets ...string) bool {
	readings := readings(joined(text))
	for _, secret := range secrets {
		secret = joined(secret)
		if len(secret) < tooShort {
			continue
		}
		for _, reading := range readings {
			if strings.Contains(reading, secret) {
				return true
			}
		}
	}
	return false
}

// joined is text without white space and without the escapes of white space in
// JSON and in URLs.
func joined(text string) string {
	text = strings.NewReplacer(`\r`, "", `\n`, "", `\t`, "", "%0D", "", "%0A", "", "%0d", "", "%0a", "", "%20", "").Replace(text)
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}

// readings are text itself and all decodings of it. text has no white space, so
// that an encoded secret may follow another word directly: each decoder of base64
// and of hex begins at several offsets.
func readings(text string) []string {
	found := []string{text, unescapeURL(strings.ReplaceAll(text, "+", ""))}
	for _, unescape := range []func(string) string{unescapeURL, unescapeJSON, html.UnescapeString} {
		found = append(found, unescape(text), unescape(unescapeURL(text)))
	}
	for _, run := range alphabet.FindAllString(strings.NewReplacer("-", "+", "_", "/").Replace(text), -1) {
		for offset := range 4 {
			if len(run) < offset+4 {
				break
			}
			rest := run[offset:]
			if len(rest)%4 == 1 {
				rest = rest[:len(rest)-1] // base64 of no text has this length
			}
			if decoded, err := base64.RawStdEncoding.DecodeString(rest); err == nil {
				found = append(found, joined(string(decoded)))
			}
		}
	}
	for _, run := range hexadecimal.FindAllString(text, -1) {
		for offset := range 2 {
			rest := run[offset:]
			if decoded, err := hex.DecodeString(rest[:len(rest)/2*2]); err == nil {
				found = append(found, joined(string(decoded)))
			}
		}
	}
	return found
}

var (
	alphabet    = regexp.MustCompile(`[A-Za-z0-9+/]{4,}`)
	hexadecimal = regexp.MustCompile(`[0-9A-Fa-f]{8,}`)
	percent     = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	backslash   = regexp.MustCompile(`\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)`)
)

// unescapeURL decodes each %XX. Unlike url.PathUnescape, it does not fail at a
// malformed escape but leaves it as it is.
func unescapeURL(text string) string {
	return joined(percent.ReplaceAllStringFunc(text, func(escaped string) string {
		code, _ := hex.DecodeString(escaped[1:])
		return string(code)
	}))
}

// unescapeJSON decodes \uXXXX, of JSON and of Go, and \xXX, of Go. Of any other
// escape it removes the backslash only.
func unescapeJSON(text string) string {
	return joined(backslash.ReplaceAllStringFunc(text, func(escaped string) string {
		if code, err := strconv.ParseInt(escaped[2:], 16, 32); err == nil {
			return string(rune(code))
		}
		return escaped[1:]
	}))
}
