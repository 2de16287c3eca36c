//go:build !race

package zoo_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// sameAnswer compares an answer as curl or grpcurl prints it with the evidence.
func sameAnswer(e evidence.Exchange, printed string) error {
	switch {
	case e.Error != "" && e.Status == "":
		if !strings.HasPrefix(printed, "curl: (") {
			return fmt.Errorf("expected no answer, got %q", printed)
		}
		return nil
	case e.Transport == "grpc":
		return sameCall(e, printed)
	}
	line, rest, _ := strings.Cut(printed, "\r\n")
	fields := strings.SplitN(line, " ", 3)
	code, _, _ := strings.Cut(e.Status, " ")
	if len(fields) < 2 || fields[1] != code {
		return otherStatus(fmt.Sprintf("expected %s, got %q", e.Status, line))
	}
	head, body, _ := strings.Cut(rest, "\r\n\r\n")
	header, err := textproto.NewReader(bufio.NewReader(strings.NewReader(head + "\r\n\r\n"))).ReadMIMEHeader()
	if err != nil {
		return err
	}
	if err := sameHeader(e.ResponseHeader, http.Header(header)); err != nil {
		return err
	}
	return sameBody(e.ResponseBody, strings.TrimSuffix(strings.TrimSuffix(body, "\n"), "\n"), false)
}

// otherStatus is the error of an answer that is not even of the kind.
type otherStatus string

func (e otherStatus) Error() string { return string(e) }

// hopping are headers of the connection, or of the moment.
var hopping = []string{"Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Date", "Trailer"}

func sameHeader(want, got http.Header) error {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if slices.Contains(hopping, name) {
			continue
		}
		values := got.Values(name)
		if len(values) != len(want[name]) {
			return fmt.Errorf("expected %s: %q, got %q", name, want[name], values)
		}
		for i, value := range want[name] {
			if !sameText(value, values[i]) {
				return fmt.Errorf("expected %s: %q, got %q", name, value, values[i])
			}
		}
	}
	for name := range got {
		if _, wanted := want[name]; !wanted && !slices.Contains(hopping, name) {
			return fmt.Errorf("expected no %s, got %q", name, got[name])
		}
	}
	return nil
}

// sameCall reads the JSON form of a message, or the code of an error.
func sameCall(e evidence.Exchange, printed string) error {
	if e.Status != "OK" {
		code := regexp.MustCompile(`(?m)^  Code: (\w+)$`).FindStringSubmatch(printed)
		name := strings.ReplaceAll(e.Status, "_", "")
		if code == nil || !strings.EqualFold(code[1], name) {
			return otherStatus(fmt.Sprintf("expected %s, got %q", e.Status, printed))
		}
		return nil
	}
	return sameBody(e.ResponseBody, printed, true)
}

// sameBody compares JSON by members, anything else as text.
func sameBody(want, got string, more bool) error {
	if strings.HasPrefix(want, "[") && strings.Contains(want, "… (") {
		return nil // a list that was cut has elements that are not shown
	}
	var wanted, found any
	if json.Unmarshal([]byte(want), &wanted) != nil || json.Unmarshal([]byte(got), &found) != nil {
		if front, _, cut := strings.Cut(want, "… ("); cut {
			want, got = front, got[:min(len(front), len(got))]
		}
		if !sameText(strings.TrimSpace(want), strings.TrimSpace(got)) {
			return fmt.Errorf("expected the body %q, got %q", want, got)
		}
		return nil
	}
	return sameValue("", wanted, found, more)
}

// sameValue compares values; more says that objects may have members that the
// judge has no description of.
func sameValue(at string, want, got any, more bool) error {
	differ := fmt.Errorf("expected %s to be %v, got %v", at, want, got)
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok || len(object) < len(want) || len(object) > len(want) && !more {
			return differ
		}
		for name, value := range want {
			member, found := object[name]
			if !found {
				member, found = object[camel(name)]
			}
			if !found {
				return differ
			}
			if err := sameValue(at+"."+name, value, member, more); err != nil {
				return err
			}
		}
		return nil
	case []any:
		list, ok := got.([]any)
		if !ok {
			return differ
		}
		for _, one := range list { // the evidence has what other scenarios made, too
			if !slices.ContainsFunc(want, func(element any) bool { return sameValue(at, element, one, more) == nil }) {
				return differ
			}
		}
		return nil
	case string:
		if text, ok := got.(string); ok && sameText(want, text) {
			return nil
		}
		return differ
	case float64:
		if number, ok := got.(float64); ok && sameNumber(at, want, number) {
			return nil
		}
		return differ
	}
	if want != got {
		return differ
	}
	return nil
}

// sameNumber takes times and ids of another run.
func sameNumber(at string, want, got float64) bool {
	const sinceLongAgo = 1e9
	return math.Abs(want-got) <= 2 ||
		strings.HasSuffix(strings.ToLower(at), "id") ||
		want > sinceLongAgo && got > sinceLongAgo && math.Round(math.Log10(want)) == math.Round(math.Log10(got))
}

// Names of days and months, short or long.
const (
	days   = `\b(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b`
	months = `\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:[a-z]{1,6})?\b`
)

var (
	shownSecret = regexp.MustCompile(`\[[a-z][a-z-]*-[0-9]+(?:-[a-z0-9]+)?\]`)
	anew        = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[A-Za-z0-9_+/-]{20,}={0,2}|` + days + `|` + months + `|(?:\d+[hms])+|\d+`)
)

// known are the secrets of the manifest, which are the same in every run.
var known = map[string]string{"[password-1]": "root", "[password-2]": "clerk", "[key-1]": "demo-key-root-users"}

// sameText compares texts but for what is made anew: tokens, times and ids.
func sameText(want, got string) bool {
	for name, value := range known {
		want = strings.ReplaceAll(want, name, value)
	}
	if want == got {
		return true
	}
	var pattern strings.Builder
	pattern.WriteString("(?s)^")
	for want != "" {
		place := shownSecret.FindStringIndex(want)
		other := anew.FindStringIndex(want)
		switch {
		case place != nil && (other == nil || place[0] <= other[0]):
			pattern.WriteString(regexp.QuoteMeta(want[:place[0]]) + `[^\s",]+`)
			want = want[place[1]:]
		case other != nil:
			text := want[other[0]:other[1]]
			pattern.WriteString(regexp.QuoteMeta(want[:other[0]]) + samePattern(text))
			want = want[other[1]:]
		default:
			pattern.WriteString(regexp.QuoteMeta(want))
			want = ""
		}
	}
	return regexp.MustCompile(pattern.String() + "$").MatchString(got)
}

// opaque is the length from which a text is an id or a token, also one that
// happens to be digits alone.
const opaque = 20

func samePattern(text string) string {
	switch {
	case len(text) >= opaque:
		return `[A-Za-z0-9_+/=-]{20,}`
	case strings.Trim(text, "0123456789") == "":
		return `\d+`
	case strings.Trim(text, "0123456789hms") == "":
		return `(?:\d+[hms])+`
	case regexp.MustCompile("^" + days + "$").MatchString(text):
		return days
	}
	return months
}

// camel is the JSON name of a proto field, as grpcurl prints it.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words {
		if i > 0 && word != "" {
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}

// TestSameText: what each run makes anew is alike, also where chance makes it look
// like something else, and nothing else is.
func TestSameText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		want, got string
		same      bool
	}{
		{"9fc5be2140cbf73541e69251", "d8cd6947f9cc2947b12efbbc", true},
		{"943512784098125634098712", "d8cd6947f9cc2947b12efbbc", true}, // digits alone
		{"d8cd6947f9cc2947b12efbbc", "943512784098125634098712", true},
		{"9435127840981256340987hs", "d8cd6947f9cc2947b12efbbc", true},
		{"id 9fc5be2140cbf73541e69251", "id 9fc5", false},
		{"wait 12 seconds", "wait 5 seconds", true},
		{"wait 1h12m", "wait 3s", true},
		{"wait 1h12m", "wait long", false},
		{"Sun, 29 Nov 2026", "Tue, 1 Dec 2026", true},
		{"Sun, 29 Nov 2026", "Day, 1 Dec 2026", false},
		{"Bearer [token-12]", "Bearer eyJh.bGci", true},
		{"user [password-1]", "user root", true},
		{"denied", "granted", false},
	} {
		if sameText(test.want, test.got) != test.same {
			t.Errorf("%q and %q: want the same to be %v", test.want, test.got, test.same)
		}
	}
}
