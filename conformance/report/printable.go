package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// acts says whether a character does something where it is shown: a control
// character to a terminal, one that turns the direction of text to a reader.
func acts(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// printable is a text without such characters. Line feeds and tabs stay.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if acts(r) && r != '\n' && r != '\t' {
			return utf8.RuneError
		}
		return r
	}, text)
}

// newEncoder writes JSON that a terminal may show, too: what acts there is written
// as \u and hexadecimal digits, which means the same.
func newEncoder(w io.Writer) *json.Encoder { return json.NewEncoder(escaping{w}) }

// escaping takes JSON. What it replaces can stand in strings only.
type escaping struct{ w io.Writer }

func (e escaping) Write(text []byte) (int, error) {
	escaped := text
	if bytes.ContainsFunc(text, escapable) {
		var out bytes.Buffer
		for _, r := range string(text) {
			if escapable(r) {
				fmt.Fprintf(&out, `\u%04x`, r)
			} else {
				out.WriteRune(r)
			}
		}
		escaped = out.Bytes()
	}
	if _, err := e.w.Write(escaped); err != nil {
		return 0, err
	}
	return len(text), nil
}

// escapable characters are those that encoding/json leaves as they are.
func escapable(r rune) bool { return r >= 0x7f && acts(r) }
