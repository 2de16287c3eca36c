package account

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

// maxName bounds a login and an e-mail address, in bytes.
const maxName = 256

// canonicalName is the form in which names are compared: that of RFC 8265 section
// 3.3 (UsernameCaseMapped), without letter case and width, composed (NFC). A text that
// is no name there is the name of no account; it is compared in lower case.
func canonicalName(name string) string {
	if len(name) > maxName {
		return name
	}
	if plain(name) {
		return strings.ToLower(name)
	}
	canonical, err := usernameCaseMapped(name)
	if err != nil {
		return strings.ToLower(norm.NFC.String(name))
	}
	return canonical
}

// usernameCaseMapped maps the parts of a name, which one space separates (RFC 8265
// section 3.5).
func usernameCaseMapped(name string) (string, error) {
	userparts := strings.Split(name, " ")
	for i, part := range userparts {
		if part == "" {
			return "", errors.New("a part of the name is empty")
		}
		var err error
		if userparts[i], err = precis.UsernameCaseMapped.String(part); err != nil {
			return "", err
		}
	}
	return strings.Join(userparts, " "), nil
}

// plain says whether a name has visible ASCII characters only.
func plain(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' })
}

// SameName says whether two names are those of one account: letter case, width and
// Unicode form do not count (RFC 8265 section 3.3).
func SameName(a, b string) bool { return a == b || canonicalName(a) == canonicalName(b) }

// checkName returns an error for a login or an e-mail address that cannot be typed
// alike everywhere, or can be taken for another.
func checkName(what, name string) error {
	if len(name) > maxName {
		return fmt.Errorf("the %s %.20q... is longer than %d bytes", what, name, maxName)
	}
	if plain(name) && name != "" { // as most are: all of ASCII7 is allowed (RFC 8264 section 9.11), and its letters are of one script
		return nil
	}
	if _, err := usernameCaseMapped(name); err != nil {
		return fmt.Errorf("the %s %q is no name (RFC 8265): use letters, digits, signs and single spaces, and no control characters", what, name)
	}
	for _, part := range parts(name) {
		if scripts := scriptsOf(part); mixed(scripts) {
			return fmt.Errorf("the %s %q mixes letters of %s, so it can be taken for another: use those of one script", what, name, strings.Join(scripts, " and "))
		}
	}
	return nil
}

// parts are what a name is judged by: of an e-mail address the labels, which may be
// of different scripts.
func parts(name string) []string {
	if !strings.Contains(name, "@") {
		return []string{name}
	}
	return strings.FieldsFunc(name, func(r rune) bool { return r == '@' || r == '.' })
}

// scriptsOf returns the scripts of a text's letters, sorted.
func scriptsOf(text string) []string {
	var scripts []string
	for _, r := range text {
		if script := scriptOf(r); script != "" && !slices.Contains(scripts, script) {
			scripts = append(scripts, script)
		}
	}
	slices.Sort(scripts)
	return scripts
}

// scriptOf returns the one script that a character has, or "" where all share it.
func scriptOf(r rune) string {
	if r < utf8.RuneSelf { // as most are: to look through all tables takes microseconds
		if unicode.IsLetter(r) {
			return "Latin"
		}
		return ""
	}
	for script, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			if script == "Common" || script == "Inherited" {
				return ""
			}
			return script
		}
	}
	return ""
}

// written are the scripts that are written together (UTS 39 section 5.2, highly
// restrictive).
var written = [][]string{
	{"Han", "Hiragana", "Katakana", "Latin"}, {"Bopomofo", "Han", "Latin"}, {"Han", "Hangul", "Latin"},
}

func mixed(scripts []string) bool {
	return len(scripts) > 1 && !slices.ContainsFunc(written, func(combination []string) bool {
		return !slices.ContainsFunc(scripts, func(script string) bool { return !slices.Contains(combination, script) })
	})
}

// What is wrong with a password that nobody can set.
var (
	errLongPassword = fmt.Errorf("it is longer than %d bytes", maxPassword)
	errPassword     = errors.New("it is empty, or has control characters, or ones that Unicode does not know yet")
)

// newPassword returns a new password in the form in which it is hashed: that of RFC 8265
// section 4.2 (OpaqueString), composed (NFC) and with ASCII spaces, so that it does not
// depend on the keyboard.
func newPassword(password string) (string, error) {
	if len(password) > maxPassword {
		return "", errLongPassword
	}
	prepared, err := precis.OpaqueString.String(password)
	switch {
	case err != nil:
		return "", errPassword
	case len(prepared) > maxPassword:
		return "", errLongPassword
	}
	return prepared, nil
}

// typedPassword is a password of a login in the form in which it is hashed. One that
// newPassword refuses is as it is: its hash may have been imported.
func typedPassword(password string) string {
	if prepared, err := newPassword(password); err == nil {
		return prepared
	}
	return password
}
