package evidence

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// form is another way to write a secret.
type form struct{ encoding, text string }

// shortestInside is the length from which a secret is looked for inside longer
// texts that were encoded as a whole. Of a shorter one too little is left.
const shortestInside = 8

// formsOf are the ways in which a value may stand in a URL, a form, JSON,
// HTML, a quoted Go string, base64 or hexadecimal.
func formsOf(value string) []form {
	return append(readableForms(value), encodedForms(value)...)
}

// readableForms are those that a reader can read.
func readableForms(value string) []form {
	var forms []form
	add := func(encoding string, texts ...string) {
		for _, text := range texts {
			if text != "" && text != value {
				forms = append(forms, form{encoding, text})
			}
		}
	}
	query, path := url.QueryEscape(value), url.PathEscape(value)
	add("url", query, path, lowerPercent(query), lowerPercent(path), url.QueryEscape(query), url.QueryEscape(path))
	if isPlain(value) {
		add("json", strings.ReplaceAll(value, "/", `\/`))
	} else {
		escaped := []string{jsonText(value), jsonEscape(value), asciiJSON(value)}
		for _, text := range escaped {
			add("json", text, strings.ReplaceAll(text, "/", `\/`))
		}
		for _, text := range append(escaped, value) {
			add("quoted", inQuotes(text), inQuotes(inQuotes(text)))
		}
	}
	add("html", html.EscapeString(value))
	for _, f := range forms { // inside JSON once more, and that quoted in an error
		if !isPlain(f.text) {
			add(f.encoding, jsonText(f.text), inQuotes(jsonText(f.text)))
		}
	}
	return forms
}

// encodedForms are base64 and hexadecimal, of a value that is long enough inside of
// longer texts, too.
func encodedForms(value string) []form {
	if value == "" {
		return nil
	}
	padded := base64.StdEncoding.EncodeToString([]byte(value))
	texts := []string{padded}
	if raw := strings.TrimRight(padded, "="); raw != padded {
		texts = append(texts, raw)
	}
	if len(value) >= shortestInside {
		texts = append(texts, insideBase64(value)...)
	}
	var forms []form
	for _, text := range texts {
		forms = append(forms, form{"base64", text})
		if strings.ContainsAny(text, "+/") { // which ASCII hardly ever becomes
			forms = append(forms, form{"base64", urlAlphabet.Replace(text)})
		}
	}
	if len(value) >= shortestInside {
		forms = append(forms, form{"hex", hex.EncodeToString([]byte(value))}, form{"hex", upperHex(value)})
	}
	return forms
}

// upperHex is hexadecimal in capital letters.
func upperHex(value string) string {
	const digits = "0123456789ABCDEF"
	text := make([]byte, 0, 2*len(value))
	for i := range len(value) {
		text = append(text, digits[value[i]>>4], digits[value[i]&0xf])
	}
	return string(text)
}

// urlAlphabet turns base64 into that of RFC 4648 section 5.
var urlAlphabet = strings.NewReplacer("+", "-", "/", "_")

// isPlain says whether a text stands in JSON and in quotes as it is. Nearly all
// tokens do, and a run sees thousands of them.
func isPlain(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ', c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

// insideBase64 is what a value becomes inside a longer text, at each of the
// three places that it may begin at in a group, less the characters at both
// ends that depend on its neighbours.
func insideBase64(value string) []string {
	texts := make([]string, 0, 3)
	for before := range 3 {
		padded := make([]byte, before, before+len(value))
		text := base64.RawStdEncoding.EncodeToString(append(padded, value...))
		from, to := (before*8+5)/6, (before+len(value))*8/6
		texts = append(texts, text[from:to])
	}
	return texts
}

func lowerPercent(escaped string) string {
	if !strings.Contains(escaped, "%") {
		return escaped
	}
	var text strings.Builder
	for i := 0; i < len(escaped); i++ {
		if escaped[i] == '%' && i+2 < len(escaped) {
			text.WriteString(strings.ToLower(escaped[i : i+3]))
			i += 2
			continue
		}
		text.WriteByte(escaped[i])
	}
	return text.String()
}

// jsonText writes value as encoding/json does, without the quotes.
func jsonText(value string) string {
	text, err := json.Marshal(value)
	if err != nil { // a string always has a JSON form
		return ""
	}
	return string(text[1 : len(text)-1])
}

// jsonEscape writes value as most others do, who leave <, > and & alone.
func jsonEscape(value string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(value)
}

// asciiJSON writes all that is not ASCII as \u and hexadecimal digits.
func asciiJSON(value string) string {
	var text strings.Builder
	for _, r := range jsonEscape(value) {
		if r < 0x80 {
			text.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&text, `\u%04x`, unit)
		}
	}
	return text.String()
}

func inQuotes(text string) string {
	quoted := strconv.Quote(text)
	return quoted[1 : len(quoted)-1]
}

// cutMark is what stands where a long text was cut off.
const cutMark = "…"

const (
	shortestCut = 8       // what is left of a secret before a cut, to be hidden
	longestCut  = 4 << 10 // how far before a cut is looked
)

// byFront lists the forms of secrets by their first bytes.
func byFront(forms map[string]string) map[string][]string {
	fronts := map[string][]string{}
	for value := range forms {
		if len(value) > shortestCut {
			fronts[value[:shortestCut]] = append(fronts[value[:shortestCut]], value)
		}
	}
	return fronts
}

// hideCut hides the front of a secret that a cut has left.
func hideCut(text string, forms map[string]string, fronts map[string][]string) string {
	if !strings.Contains(text, cutMark) {
		return text
	}
	parts := strings.Split(text, cutMark)
	for i, part := range parts[:len(parts)-1] {
		for at := max(0, len(part)-longestCut); at+shortestCut <= len(part); at++ {
			values := fronts[part[at:at+shortestCut]]
			cut := slices.IndexFunc(values, func(value string) bool { return strings.HasPrefix(value, part[at:]) })
			if cut >= 0 {
				parts[i] = part[:at] + forms[values[cut]]
				break
			}
		}
	}
	return strings.Join(parts, cutMark)
}
