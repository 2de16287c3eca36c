package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// Exchange is a request and its answer, with pseudonyms in place of secrets.
type Exchange = evidence.Exchange

// Secrets are the values that a report does not show, each with its pseudonym. The zero
// Secrets is ready; it is safe for concurrent use.
type Secrets = evidence.Secrets

// Shell says how a scenario is repeated outside the harness.
type Shell struct {
	// Secrets explain the pseudonyms; nil explains none.
	Secrets *Secrets
	// HTTP is the root URL where the subject answered, GRPC its address there.
	// Both are the defaults of variables, for it may answer elsewhere by then.
	HTTP, GRPC string
	// Curl are flags for every request, as --insecure; Grpcurl those for calls
	// over gRPC.
	Curl, Grpcurl []string
	// Proto is the source that describes the authentication service over gRPC. Scripts
	// bring it along; without it they take a server with reflection.
	Proto string
}

// Reproduce is a shell script that repeats all exchanges of a scenario, in
// their order and as much at once as then, and prints every answer under a
// line with the number of its exchange. It begins with why, as a comment. It gets
// the tokens that it needs by itself, and names the variables that it cannot set:
// the passwords of the manifest. It takes sh, curl, and what every Unix has beside them: grep, sed,
// awk, base64, seq and the like; signatures take openssl, and calls over gRPC
// grpcurl. It is empty where a request is not known
// to its end, or holds the code of an authenticator, which is good once and at its
// time; a run with --replay repeats such a row.
func (s Shell) Reproduce(exchanges []Exchange, why string) string {
	if len(exchanges) == 0 {
		return ""
	}
	exchanges = slices.Clone(exchanges)
	for i := range exchanges {
		cutOff := strings.HasSuffix(exchanges[i].RequestBody, "bytes in all)")
		if cutOff || strings.Contains(exchanges[i].RequestBody, `"verification_code"`) {
			return ""
		}
	}
	script := &script{shell: s, exchanges: exchanges, values: map[string]extract{}, marks: map[string]string{}, defined: map[string]bool{}}
	script.describe()
	script.nameIDs()
	for _, e := range exchanges {
		script.names = append(script.names, append(namesIn(requestText(e)), namesIn(answerText(e))...))
	}
	for i := len(exchanges) - 1; i >= 0; i-- {
		script.find(i)
	}
	for i := 0; i < len(exchanges); {
		last := script.lastAtOnce(i)
		script.repeat(i, last)
		i = last + 1
	}
	return comment(why) + script.text()
}

// script grows exchange by exchange.
type script struct {
	shell     Shell
	exchanges []evidence.Exchange
	names     [][]string         // of pseudonyms, in each of them
	values    map[string]extract // by name: where an answer gives it
	marks     map[string]string  // by name: what tells an object of a list
	defined   map[string]bool    // variables that have been set
	protos    []protoFile        // that describe the calls over gRPC
	asks      []string           // lines that want a variable from the caller
	blocks    []block
	keeps     bool // answers in files
	shows     bool // answers that it reads, too
	picks     bool // members of answers
	signs     bool // tokens
}

// find looks up which answers give what the request of exchange i takes.
func (s *script) find(i int) {
	for _, name := range s.sources(i) {
		if _, known := s.values[name]; known || s.shell.Secrets.Derive(name, nil).Origin != "" {
			continue
		}
		for from := range i {
			if found, ok := findValue(s.exchanges[from], name); ok {
				found.from = from
				s.values[name] = found
				break
			}
		}
	}
}

// sources are the names in a request, and of what those are made of.
func (s *script) sources(i int) []string {
	names := namesIn(requestText(s.exchanges[i]))
	for _, name := range slices.Clone(names) {
		d := s.derive(name, i)
		names = append(names, namesIn(d.Basic)...)
		if d.From != "" {
			names = append(names, d.From)
		}
	}
	return names
}

// derive explains a name by what there is before exchange i.
func (s *script) derive(name string, i int) evidence.Derivation {
	var from []string
	for _, names := range s.names[:i] {
		from = append(from, names...)
	}
	// What is in an answer comes from there; made-up values do not.
	from = slices.DeleteFunc(from, func(n string) bool { return strings.HasPrefix(n, "made-up") || n == name })
	from = append(from, s.declared("password")...)
	from = append(from, s.declared("key")...)
	return s.shell.Secrets.Derive(name, slices.Compact(slices.Sorted(slices.Values(from))))
}

// declared are the names of the manifest's secrets of a kind.
func (s *script) declared(kind string) []string {
	var names []string
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s-%d", kind, n)
		if s.shell.Secrets.Derive(name, nil).Origin == "" {
			return names
		}
		names = append(names, name)
	}
}

// repeat writes the requests of exchanges from first to last, which were under
// way together, and keeps what later ones take of their answers.
func (s *script) repeat(first, last int) {
	for i := first; i <= last; i++ { // before the first of them begins
		s.prepare(i)
	}
	if first < last {
		s.atOnce(first, last)
	} else {
		s.alone(first)
	}
	for i := first; i <= last; i++ {
		for _, name := range s.gives(i) {
			s.defined[name] = true
		}
	}
}

func (s *script) alone(i int) {
	command := s.command(s.exchanges[i])
	gives := s.gives(i)
	s.shows = s.shows || len(gives) > 0
	switch len(gives) {
	case 0:
		s.ask(i, command)
	case 1:
		s.ask(i, fmt.Sprintf("%s=$(%s | show | %s)", variable(gives[0]), command, s.pick(gives[0])))
	default:
		answer := fmt.Sprintf("ANSWER_%d", i+1)
		s.ask(i, fmt.Sprintf("%s=$(%s | show)", answer, command))
		for _, name := range gives {
			s.set(name, fmt.Sprintf(`$(printf '%%s\n' "$%s" | %s)`, answer, s.pick(name)))
		}
	}
}

// atOnce puts the answers in files, so that they are printed one by one.
func (s *script) atOnce(first, last int) {
	s.keeps = true
	s.write("echo " + evidence.ShellWord(fmt.Sprintf("# %d to %d, at once: %s", first+1, last+1, s.title(s.exchanges[first]))))
	for i := first; i <= last; {
		command, end := s.command(s.exchanges[i]), i+1
		for end <= last && s.command(s.exchanges[end]) == command {
			end++
		}
		if end-i == 1 {
			s.write(fmt.Sprintf(`%s >"$ANSWERS/%d" 2>&1 &`, command, end))
		} else {
			s.write(fmt.Sprintf(`for i in $(seq %d %d); do %s >"$ANSWERS/$i" 2>&1 & done`, i+1, end, command))
		}
		i = end
	}
	s.write("wait")
	s.write(fmt.Sprintf(`for i in $(seq %d %d); do cat "$ANSWERS/$i"; done`, first+1, last+1))
	for i := first; i <= last; i++ {
		for _, name := range s.gives(i) {
			s.set(name, fmt.Sprintf(`$(%s <"$ANSWERS/%d")`, s.pick(name), i+1))
		}
	}
}

// prepare sets the variables that a request takes.
func (s *script) prepare(i int) {
	for _, match := range pseudonym.FindAllStringSubmatch(requestText(s.exchanges[i]), -1) {
		s.define(match[1], i)
		s.encode(match[1], match[2])
	}
}

// lastAtOnce is the last of the exchanges from i on that were under way at once.
func (s *script) lastAtOnce(i int) int {
	end := s.exchanges[i].Began.Add(s.exchanges[i].Took)
	for i+1 < len(s.exchanges) {
		this, next := s.exchanges[i], s.exchanges[i+1]
		if this.Began.IsZero() || this.Transport == "clock" || next.Transport == "clock" || !next.Began.Before(end) {
			break
		}
		if until := next.Began.Add(next.Took); until.After(end) {
			end = until
		}
		i++
	}
	return i
}

// gives are the names that come from the answer to exchange i.
func (s *script) gives(i int) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.values)) {
		if s.values[name].from == i {
			names = append(names, name)
		}
	}
	return names
}

func requestText(e evidence.Exchange) string {
	return e.URL + "\n" + headerText(e) + "\n" + e.RequestBody
}

func headerText(e evidence.Exchange) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(e.RequestHeader)) {
		text.WriteString(strings.Join(e.RequestHeader[name], "\n") + "\n")
	}
	return text.String()
}

// namesIn are the names of the pseudonyms in a text, each once.
func namesIn(text string) []string {
	var names []string
	seen := map[string]bool{}
	for _, match := range pseudonym.FindAllStringSubmatch(text, -1) {
		if !seen[match[1]] {
			seen[match[1]] = true
			names = append(names, match[1])
		}
	}
	return names
}
