package report

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// define sets the variable for a name, in front of exchange i, unless an
// answer has set it already.
func (s *script) define(name string, i int) {
	if s.defined[name] {
		return
	}
	s.defined[name] = true
	d := s.derive(name, i)
	switch mark, marked := s.marks[name]; {
	case marked: // another one each time, by the number of the shell's process
		s.set(name, evidence.ShellWord(mark+"-")+"$$")
	case d.Origin != "":
		s.want(variable(name), d.Origin+" of the manifest")
	case d.Basic != "":
		for _, inner := range namesIn(d.Basic) {
			s.define(inner, i)
		}
		s.set(name, fmt.Sprintf(`$(printf '%%s' %s | base64 | tr -d '\n')`, quote(d.Basic)))
	case d.HMAC != nil:
		s.define(d.From, i)
		s.signs = true
		s.set(name, fmt.Sprintf(`$(sign %s "$%s" %x)`, evidence.ShellWord(d.Parts[0].Text), variable(d.From), d.HMAC))
	case d.OtherCase:
		s.define(d.From, i)
		s.set(name, fmt.Sprintf(`$(printf '%%s' "$%s" | tr 'a-zA-Z' 'A-Za-z')`, variable(d.From)))
	case d.Parts != nil:
		s.define(d.From, i)
		s.set(name, joined(d))
	case d.From != "":
		s.define(d.From, i)
		s.set(name, fmt.Sprintf(`$(printf '%%s' "$%s" | awk '{ print %s }')`, variable(d.From), changed(d)))
	case d.Length > 0: // no answer gave it, so the suite made it up
		s.set(name, evidence.ShellWord(standIn(d.Length)))
	default:
		s.want(variable(name), "a value that the suite knows from elsewhere")
	}
}

// want makes the script ask its caller for a variable.
func (s *script) want(variable, what string) {
	line := fmt.Sprintf(`: "${%s:?set it to %s}"`, variable, what)
	if !slices.Contains(s.asks, line) {
		s.asks = append(s.asks, line)
	}
}

// encode sets the variable for a name as it is written in a URL or in JSON.
func (s *script) encode(name, encoding string) {
	written := name + "-" + encoding
	if encoding == "" || s.defined[written] {
		return
	}
	s.defined[written] = true
	filter := "cat"
	switch encoding {
	case "url": // every byte in percent
		filter = `od -An -v -tx1 | tr -d '\n' | sed 's/ *$//; s/  */%/g'`
	case "json", "quoted":
		filter = `sed 's/[\\"]/\\&/g'`
	case "base64":
		filter = `base64 | tr -d '\n'`
	case "hex":
		filter = `od -An -v -tx1 | tr -d ' \n'`
	}
	s.set(written, fmt.Sprintf(`$(printf '%%s' "$%s" | %s)`, variable(name), filter))
}

// standIn is a value as good as any other that nobody has.
func standIn(length int) string {
	const text = "made-up-"
	return strings.Repeat(text, length/len(text)+1)[:length]
}

// changed is an awk expression that changes a token as it was changed then.
// Positions count from the nearer end, for a new token may be longer.
func changed(d evidence.Derivation) string {
	middle := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "'", `'\''`).Replace(d.Middle) + `"`
	switch {
	case d.Back == 0:
		return fmt.Sprintf(`substr($0, 1, %d) %s`, d.Front, middle)
	case d.Front == 0:
		return fmt.Sprintf(`%s substr($0, length($0) - %d)`, middle, d.Back-1)
	case d.Front <= d.Back:
		return fmt.Sprintf(`substr($0, 1, %d) %s substr($0, %d)`, d.Front, middle, d.Front+d.Cut+1)
	}
	return fmt.Sprintf(`substr($0, 1, length($0) - %d) %s substr($0, length($0) - %d)`, d.Back+d.Cut, middle, d.Back-1)
}

// joined is a shell word that makes a token of the parts of another.
func joined(d evidence.Derivation) string {
	words := make([]string, len(d.Parts))
	for i, part := range d.Parts {
		words[i] = evidence.ShellWord(part.Text)
		if part.Same {
			words[i] = fmt.Sprintf(`$(printf '%%s' "$%s" | cut -d . -f %d)`, variable(d.From), i+1)
		} else if part.Text == "" {
			words[i] = ""
		}
	}
	return strings.Join(words, ".")
}

// signToken is a shell function that makes a JWT of a header, the claims of
// another token, and an HS256 signature by a key in hexadecimal digits.
const signToken = `sign() {
  signed=$1.$(printf '%s' "$2" | cut -d . -f 2)
  printf '%s.' "$signed"
  printf '%s' "$signed" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$3" -binary | base64 | tr -d '=\n' | tr '/+' '_-'
}`

// extract says where an answer has a value.
type extract struct {
	from   int    // the exchange
	header string // the header's name, or ""
	member string // the JSON member's name, or ""
	nth    int    // which member of that name, from 1; negative: from the end
	mark   string // the name of what stands in the same object of a list, or ""
}

// pickMember is a shell function that prints a member of the JSON that it is
// fed, even behind a header: the first of that name, or the one that a second
// argument counts, from the end where it is negative.
const pickMember = `member() {
  grep -o "\"$1\" *: *\"\{0,1\}[^\",}]*" | sed 's/^[^:]*: *"\{0,1\}//' | tr -d '\\' |
    awk -v n="${2:-1}" '{ all[NR] = $0 } END { k = (n > 0) ? n : NR + 1 + n; print all[k] }'
}`

// pick is a filter that finds a value in an answer that curl --include prints.
func (s *script) pick(name string) string {
	e := s.values[name]
	if e.header != "" {
		return fmt.Sprintf(`sed -n 's/^%s: *\([^;[:space:]]*\).*/\1/Ip' | sed -n 1p`, e.header)
	}
	s.picks = true
	if e.mark != "" {
		return fmt.Sprintf(`tr -d '\r\n\\' | tr '{' '\n' | grep -F "$%s" | member %s`, variable(e.mark), e.member)
	}
	if e.nth == 1 {
		return "member " + e.member
	}
	return fmt.Sprintf("member %s %d", e.member, e.nth)
}

var safeName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// findValue looks for a secret in an answer.
func findValue(e evidence.Exchange, name string) (extract, bool) {
	shown := "[" + name + "]"
	for _, header := range slices.Sorted(maps.Keys(e.ResponseHeader)) {
		if slices.Contains(e.ResponseHeader[header], shown) && safeName.MatchString(header) && e.Transport == "http" {
			return extract{header: header}, true
		}
	}
	found, ok := findMember(e.ResponseBody, shown)
	if !ok { // with escapes in it, which member takes out
		found, ok = findMember(e.ResponseBody, "["+name+"-json]")
	}
	if ok && e.Transport == "grpc" {
		found.member = camel(found.member) // as grpcurl prints it
	}
	return found, ok
}

// findMember looks for the JSON member that has a value.
func findMember(body, value string) (extract, bool) {
	if !strings.Contains(body, value) {
		return extract{}, false
	}
	member := regexp.MustCompile(`"([A-Za-z0-9_-]+)"[ \t]*:[ \t]*"?` + regexp.QuoteMeta(value) + `["\s,}]`)
	at := member.FindStringSubmatch(body + " ")
	if at == nil {
		return extract{}, false
	}
	all := regexp.MustCompile(`"`+at[1]+`" *: *"?([^",}]*)`).FindAllStringSubmatch(body, -1)
	i := slices.IndexFunc(all, func(m []string) bool { return strings.TrimSpace(m[1]) == value })
	if i < 0 {
		return extract{}, false
	}
	found := extract{member: at[1], nth: i + 1}
	if i > 0 && 2*i >= len(all)-1 {
		found.nth = i - len(all)
	}
	return found, true
}

// camel is the JSON name of a proto field.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words {
		if i > 0 && word != "" {
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}

// answerText is where values of an answer are looked for.
func answerText(e evidence.Exchange) string {
	text := e.ResponseBody
	for _, name := range slices.Sorted(maps.Keys(e.ResponseHeader)) {
		text += "\n" + strings.Join(e.ResponseHeader[name], "\n")
	}
	return text
}
