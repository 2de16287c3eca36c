package evidence

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// loose is a secret that is not hidden wherever it stands.
type loose struct {
	text, pseudonym string
	kind            kind
}

// hide replaces the places where it is the secret. One that is a login as well
// stays where a login goes.
func (l loose) hide(text string, login bool) string {
	if text == l.text && !login {
		return l.pseudonym
	}
	var out strings.Builder
	for done := 0; ; {
		at := strings.Index(text[done:], l.text)
		if at < 0 {
			if done == 0 {
				return text
			}
			return out.String() + text[done:]
		}
		before, after := text[:done+at], text[done+at+len(l.text):]
		out.WriteString(text[done : done+at])
		if l.secret(before, after, login) {
			out.WriteString(l.pseudonym)
		} else {
			out.WriteString(l.text)
		}
		done += at + len(l.text)
	}
}

// nameBefore is the name of a member or field whose value follows, with its
// quotation marks escaped where the text stands in another one.
var nameBefore = regexp.MustCompile(`(?:([A-Za-z0-9_.-]+)\\*"\s*:\s*\\*"|(?:^|[?&\s;])([A-Za-z0-9_.-]*)=)$`)

// loginName is how members are called that hold the name of an account.
var loginName = regexp.MustCompile(`(?i)^(log_?in|lgn|user|user_?name|e?-?mail|name|sub|currentuser)$`)

// longestName is how far before a value its name is looked for.
const longestName = 80

// secret says whether the text between two others is the secret, and not the same
// word for another reason.
func (l loose) secret(before, after string, login bool) bool {
	name := nameBefore.FindStringSubmatch(before[max(0, len(before)-longestName):])
	if name != nil && login && loginName.MatchString(name[1]+name[2]) {
		return false
	}
	quoted := strings.HasSuffix(before, `"`) && strings.HasPrefix(strings.TrimLeft(after, `\`), `"`)
	if quoted && strings.HasPrefix(strings.TrimLeft(after, "\\\" \t"), ":") {
		return false // the name of a member
	}
	if l.kind > aValue {
		return !endsInWord(before) && !beginsWithWord(after)
	}
	ends := after == "" || strings.ContainsAny(after[:1], "&; \t\r\n\"\\")
	return quoted || ends && (strings.HasSuffix(before, "Bearer ") || name != nil && name[1] == "")
}

func endsInWord(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(text)
	return text != "" && isWord(last)
}

func beginsWithWord(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return text != "" && isWord(first)
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
