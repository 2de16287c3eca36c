package shared

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// Refusals are the answers to two kinds of refused logins, each tried twice.
type Refusals struct {
	wrong   attempts // a wrong password
	unknown attempts // an unknown account
}

// attempts are two answers to the very same refused login. What differs
// between them (a request id, a time, a count of attempts left) is volatile
// and says nothing about the account.
type attempts struct {
	kind    string // "a wrong password", "an unknown account"
	login   string // what was sent as the login
	answers [2]*exchange.Answer
}

// Collect tries a wrong password of an account and an account that nobody has.
// It takes turns, so that whatever counts attempts counts both the same.
func (r *Refusals) Collect(full string, login func(dialect.Credentials) (*exchange.Answer, error)) error {
	password := MadeUpPassword()
	r.wrong = attempts{kind: "a wrong password", login: full}
	r.unknown = attempts{kind: "an unknown account", login: UnknownLike(full)}
	for i := range 2 {
		for _, kind := range []*attempts{&r.wrong, &r.unknown} {
			answer, err := login(dialect.Credentials{Login: kind.login, Password: password})
			if err != nil {
				return err
			}
			kind.answers[i] = answer
		}
	}
	return nil
}

// indistinguishable compares the two kinds, as somebody would who wants to know
// which accounts exist: by status and by body, the volatile parts left out and
// the login that was sent replaced by one word in both.
func (r *Refusals) indistinguishable() error {
	one, other := r.wrong, r.unknown
	if one.answers[0] == nil {
		return errors.New("no login was tried before this step")
	}
	for _, pair := range [][2]*exchange.Answer{{one.answers[0], other.answers[0]}, {one.answers[1], other.answers[1]}} {
		if pair[0].Status != pair[1].Status {
			return fmt.Errorf("expected the same status for %s and for %s, got %s and %s",
				one.kind, other.kind, pair[0].Brief(), pair[1].Brief())
		}
	}
	oneParts, oneVolatile := one.parts()
	otherParts, otherVolatile := other.parts()
	for _, where := range slices.Sorted(maps.Keys(merged(oneParts, otherParts))) {
		if oneVolatile[where] || otherVolatile[where] {
			continue
		}
		if oneParts[where] != otherParts[where] {
			return fmt.Errorf("expected the same body for %s and for %s, got %s and %s at %s: %s and %s",
				one.kind, other.kind, exchange.Shown(oneParts[where]), exchange.Shown(otherParts[where]), where,
				one.answers[0].Brief(), other.answers[0].Brief())
		}
	}
	return nil
}

// parts takes the first answer's body apart, and says which parts differ in
// the second one.
func (t attempts) parts() (parts map[string]string, volatile map[string]bool) {
	parts, again := bodyParts(t.answers[0], t.login), bodyParts(t.answers[1], t.login)
	volatile = map[string]bool{}
	for where := range merged(parts, again) {
		first, inFirst := parts[where]
		second, inSecond := again[where]
		volatile[where] = first != second || inFirst != inSecond
	}
	return parts, volatile
}

func merged(one, other map[string]string) map[string]string {
	all := maps.Clone(one)
	maps.Copy(all, other)
	return all
}

// bodyParts names each leaf of a JSON body by its path, and each word of any
// other body by its place.
func bodyParts(a *exchange.Answer, login string) map[string]string {
	parts := map[string]string{}
	if value, err := a.JSON(); err == nil {
		addScalars(parts, "$", value, login)
		return parts
	}
	for i, word := range strings.Fields(withoutLogin(a.Body, login)) {
		parts[fmt.Sprintf("word %04d", i+1)] = word
	}
	return parts
}

func addScalars(parts map[string]string, path string, value any, login string) {
	switch value := value.(type) {
	case map[string]any:
		parts[path] = "an object"
		for name, member := range value {
			addScalars(parts, path+"."+withoutLogin(name, login), member, login)
		}
	case []any:
		parts[path] = "an array"
		for i, element := range value {
			addScalars(parts, fmt.Sprintf("%s[%d]", path, i), element, login)
		}
	case string:
		parts[path] = fmt.Sprintf("%q", withoutLogin(value, login))
	default:
		parts[path] = fmt.Sprint(value)
	}
}

// withoutLogin replaces the login that was sent by one word, in any letter
// case.
func withoutLogin(text, login string) string {
	if login == "" {
		return text
	}
	lower, sought := strings.ToLower(text), strings.ToLower(login)
	if len(lower) != len(text) { // a letter whose cases differ in length
		return strings.ReplaceAll(text, login, "LOGIN")
	}
	var out strings.Builder
	for {
		at := strings.Index(lower, sought)
		if at < 0 {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(text[:at] + "LOGIN")
		text, lower = text[at+len(sought):], lower[at+len(sought):]
	}
}
