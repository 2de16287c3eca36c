package mockserver

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
)

// level is an object or an array that members is in.
type level struct {
	object, atName bool   // atName: the next token is the name of a member
	own, kind      string // the kind of secret of all of it, and of the next value
}

// members masks the secrets of a JSON text: the values of members that hold a
// secret, and all that is in them. Everything else stays as it stands. It reads
// names as a server does, escapes included.
func (p *pseudonyms) members(text []byte) string {
	var masked strings.Builder
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	levels := []level{{}}
	for start := int64(0); ; {
		token, err := decoder.Token()
		end := decoder.InputOffset()
		if err != nil {
			return masked.String() + string(text[start:]) // the text is valid: this is its end
		}
		raw := string(text[start:end]) // separators, and the token
		start = end
		top := &levels[len(levels)-1]
		switch value := token.(type) {
		case json.Delim:
			if value == '}' || value == ']' {
				levels = levels[:len(levels)-1]
				break
			}
			top.atName = top.object
			levels = append(levels, level{value == '{', value == '{', top.kind, top.kind})
		case string:
			if top.atName {
				top.atName, top.kind = false, cmp.Or(top.own, kindOf(value))
				break
			}
			top.atName = top.object
			raw = p.scalar(raw, top.kind, value)
		case json.Number:
			top.atName = top.object
			raw = p.scalar(raw, top.kind, value.String())
		default:
			top.atName = top.object
		}
		masked.WriteString(raw)
	}
}

// scalar masks a value of a kind of secret; raw is the value after its separators.
func (p *pseudonyms) scalar(raw, kind, value string) string {
	if kind == "" || value == "" {
		return raw
	}
	separators := len(raw) - len(strings.TrimLeft(raw, " \t\r\n,:"))
	return raw[:separators] + `"` + p.masked(kind, value) + `"`
}
