package evidence

import (
	"slices"
	"strings"
	"unicode"
)

// kind says where a text that is secret is hidden. A password may be a word, as
// "login" or "a": to hide every such word would garble the report, and show what
// the password is.
type kind int

const (
	aValue   kind = iota // only where it is a whole value on the wire
	aWord                // where it is a word on the wire, but no name of a member
	aMixture             // where it is a word, also in what the judge says
	telling              // wherever it stands
)

// Shortest is the length, in bytes, from which a secret may tell itself from other
// texts. Shorter passwords are a finding of the doctor.
const Shortest = 8

// spoken are longer words that servers and the judge say themselves.
var spoken = []string{"password", "passphrase", "username", "authorization", "authenticate", "unauthorized", "forbidden", "undefined"}

// longestSpoken is the length of the longest of these words.
const longestSpoken = len("authorization")

// kindOf says where a text is hidden.
func (s *Secrets) kindOf(text string) kind {
	if len(text) > max(s.longestLogin, longestSpoken, 2*Shortest) {
		return telling // as nearly all are, and a run sees thousands of them
	}
	letters := strings.ContainsFunc(text, unicode.IsLetter)
	others := strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
	switch {
	case len(text) < 4, slices.Contains(spoken, strings.ToLower(text)), s.inLogin(text):
		return aValue
	case len(text) < Shortest && letters && others:
		return aMixture
	case len(text) < Shortest:
		return aValue
	case !others && len(text) < 2*Shortest:
		return aWord
	}
	return telling
}

// AddLogin notes the name of an account. It is no secret, not even where its
// password is the same.
func (s *Secrets) AddLogin(login string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if login != "" {
		s.longestLogin = max(s.longestLogin, len(login))
		s.logins = append(s.logins, strings.ToLower(login))
	}
}

func (s *Secrets) inLogin(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(s.logins, func(login string) bool { return strings.Contains(login, text) })
}

// isLogin says whether a text is a login, or what stands before its @.
func (s *Secrets) isLogin(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(s.logins, func(login string) bool {
		local, _, _ := strings.Cut(login, "@")
		return text == login || text == local
	})
}
