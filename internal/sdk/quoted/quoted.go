// Package quoted finds secrets in texts that somebody else has written, in the
// encodings that a server or a transport may echo them in.
package quoted

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// tooShort is the length below which a text is not taken for a secret: it would
// be found in every second word.
const tooShort = 4

// In says whether text holds one of the secrets: as it is, escaped as in a URL,
// in JSON or in HTML, in base64 or in hex, and each of these also with spaces or
// line breaks between.
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

// joined is text without white space, escaped or not.
func joined(text string) string {
	text = strings.NewReplacer(`\r`, "", `\n`, "", `\t`, "", "%0D", "", "%0A", "", "%0d", "", "%0a", "", "%20", "").Replace(text)
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}

// readings are what a text may mean.
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
				rest = rest[:len(rest)-1] // no bytes end like this
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

// unescapeURL reads what can be read and leaves the rest.
func unescapeURL(text string) string {
	return joined(percent.ReplaceAllStringFunc(text, func(escaped string) string {
		code, _ := hex.DecodeString(escaped[1:])
		return string(code)
	}))
}

// unescapeJSON reads the escapes of JSON and of Go.
func unescapeJSON(text string) string {
	return joined(backslash.ReplaceAllStringFunc(text, func(escaped string) string {
		if code, err := strconv.ParseInt(escaped[2:], 16, 32); err == nil {
			return string(rune(code))
		}
		return escaped[1:]
	}))
}
