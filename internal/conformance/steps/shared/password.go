package shared

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// NearlyRight are what a password that is nearly right is called in the features,
// and how it is made of the right one.
func NearlyRight() map[string]func(string) string {
	return map[string]func(string) string{
		"an empty password":                       func(string) string { return "" },
		"the right password and one letter more":  func(password string) string { return password + "x" },
		"the right password less its last letter": func(password string) string { return strings.TrimSuffix(password, lastLetter(password)) },
		"the right password in other letter case": evidence.OtherCase,
		"the right password and a space":          func(password string) string { return password + " " },
		"a space and the right password":          func(password string) string { return " " + password },
	}
}

// MadeUpPassword is a password that nobody has.
func MadeUpPassword() string { return "Wrong" + RandomHex(6) }

func lastLetter(text string) string {
	_, size := utf8.DecodeLastRuneInString(text)
	return text[len(text)-size:]
}

// UnknownLike makes up a login of the same length and form as a real one:
// letters for letters, digits for digits, the domain of an address kept.
func UnknownLike(login string) string {
	local, domain, isAddress := strings.Cut(login, "@")
	for {
		made := []byte(local)
		random := randomBytes(len(made))
		for i, c := range made {
			switch {
			case c >= '0' && c <= '9':
				made[i] = '0' + random[i]%10
			case c >= 'a' && c <= 'z':
				made[i] = 'a' + random[i]%26
			case c >= 'A' && c <= 'Z':
				made[i] = 'A' + random[i]%26
			}
		}
		if unchangeable := !strings.ContainsFunc(local, isPlain); unchangeable {
			made = []byte(RandomHex(8))
		}
		if string(made) == local {
			continue
		}
		if isAddress {
			return string(made) + "@" + domain
		}
		return string(made)
	}
}

func isPlain(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func randomBytes(n int) []byte {
	bytes := make([]byte, n)
	_, _ = rand.Read(bytes) // never fails
	return bytes
}

// RandomHex is n random bytes in hexadecimal digits.
func RandomHex(n int) string { return hex.EncodeToString(randomBytes(n)) }

// MadeUpTokens are what clients send by mistake, and a guess.
func MadeUpTokens() []string { return []string{"", "x", "null", "undefined", RandomHex(24)} }
