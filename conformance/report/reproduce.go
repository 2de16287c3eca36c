package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/evidence"
)

// Shell says how a scenario is repeated outside the harness.
type Shell struct {
	// Secrets explain the pseudonyms; nil explains none.
	Secrets *evidence.Secrets
	// Curl are flags for every request, as --insecure.
	Curl []string
}

// Reproduce is a shell script that repeats a scenario's exchanges up to the
// last, whose answer it prints. It gets the tokens that it needs by itself, and
// names the variables that it cannot set: the passwords of the manifest. It
// takes sh, curl, grep, sed and awk; calls over gRPC take grpcurl. Dropped is
// how many exchanges are missing from their middle. It is empty where the
// exchanges cannot be repeated from a shell.
func (s Shell) Reproduce(exchanges []evidence.Exchange, dropped int) string {
	if len(exchanges) == 0 {
		return ""
	}
	exchanges = slices.Clone(exchanges)
	for i := range exchanges {
		if strings.HasSuffix(exchanges[i].RequestBody, "bytes in all)") {
			return "" // what was cut off cannot be sent
		}
	}
	script := &script{shell: s, exchanges: exchanges, values: map[string]extract{}, defined: map[string]bool{}}
	script.nameIDs()
	script.find(dropped > 0)
	for i := range exchanges {
		if script.wanted(i) {
			script.repeat(i)
		}
	}
	head := script.asks
	if script.picks {
		head = append(head, pickMember)
	}
	return strings.Join(append(head, folded(script.lines)...), "\n")
}

// folded writes a request that is repeated as a loop.
func folded(lines []string) []string {
	var out []string
	for i := 0; i < len(lines); {
		same := i + 1
		for same < len(lines) && lines[same] == lines[i] {
			same++
		}
		switch n := same - i; {
		case n <= 2:
			out = append(out, lines[i:same]...)
		case strings.HasSuffix(lines[i], "&"):
			out = append(out, fmt.Sprintf("for i in $(seq %d); do %s done", n, lines[i]))
		default:
			out = append(out, fmt.Sprintf("for i in $(seq %d); do %s; done", n, lines[i]))
		}
		i = same
	}
	return out
}

// script grows line by line.
type script struct {
	shell     Shell
	exchanges []evidence.Exchange
	values    map[string]extract // by name: where an answer gives it
	only      map[int]bool       // the exchanges to repeat; nil: all
	defined   map[string]bool    // variables that have been set
	asks      []string           // lines that want a variable from the caller
	lines     []string
	running   bool // requests in the background
	picks     bool // members of answers
}

func (s *script) last() int { return len(s.exchanges) - 1 }

func (s *script) wanted(i int) bool { return s.only == nil || s.only[i] }

// find looks up which answers give what the requests after them take. With
// gaps among the exchanges, only those are repeated that the last one needs.
func (s *script) find(gaps bool) {
	if gaps {
		s.only = map[int]bool{}
	}
	s.findFor(s.last(), gaps)
	for i := s.last() - 1; i >= 0 && !gaps; i-- {
		s.findFor(i, false)
	}
}

func (s *script) findFor(i int, further bool) {
	if further {
		if s.only[i] {
			return
		}
		s.only[i] = true
	}
	for _, name := range s.sources(i) {
		if _, known := s.values[name]; known || s.shell.Secrets.Derive(name, nil).Origin != "" {
			continue
		}
		for from := range i {
			if found, ok := findValue(s.exchanges[from], name); ok {
				found.from = from
				s.values[name] = found
				if further {
					s.findFor(from, true)
				}
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
	for _, e := range s.exchanges[:i] {
		from = append(from, namesIn(requestText(e))...)
		from = append(from, namesIn(answerText(e))...)
	}
	// What is in an answer comes from there; made-up values do not.
	from = slices.DeleteFunc(from, func(n string) bool { return strings.HasPrefix(n, "made-up") || n == name })
	if strings.HasPrefix(name, "password-") {
		from = append(from, s.passwords()...)
	}
	return s.shell.Secrets.Derive(name, slices.Compact(slices.Sorted(slices.Values(from))))
}

// passwords are the names of the manifest's.
func (s *script) passwords() []string {
	var names []string
	for n := 1; ; n++ {
		name := fmt.Sprintf("password-%d", n)
		if s.shell.Secrets.Derive(name, nil).Origin == "" {
			return names
		}
		names = append(names, name)
	}
}

// repeat writes the lines for exchange i.
func (s *script) repeat(i int) {
	e := s.exchanges[i]
	for _, match := range pseudonym.FindAllStringSubmatch(requestText(e), -1) {
		s.define(match[1], i)
		s.encode(match[1], match[2])
	}
	gives := s.gives(i)
	if background := s.together(i) && len(gives) == 0; !background {
		s.wait()
		s.foreground(i, gives)
		return
	}
	s.lines = append(s.lines, s.command(i, i == s.last() || s.overlaps(i, s.last()))+" &")
	s.running = true
	if i == s.last() {
		s.wait()
	}
}

// wait ends what runs in the background, before anything else begins.
func (s *script) wait() {
	if s.running {
		s.lines = append(s.lines, "wait")
		s.running = false
	}
}

// foreground keeps what later requests need of an answer.
func (s *script) foreground(i int, gives []string) {
	switch {
	case i == s.last():
		s.lines = append(s.lines, s.command(i, true))
	case len(gives) == 0:
		s.lines = append(s.lines, s.command(i, false))
	case len(gives) == 1:
		s.lines = append(s.lines, fmt.Sprintf("%s=$(%s | %s)", variable(gives[0]), s.answer(i), s.pick(gives[0])))
	default:
		answer := fmt.Sprintf("ANSWER_%d", i+1)
		s.lines = append(s.lines, fmt.Sprintf("%s=$(%s)", answer, s.answer(i)))
		for _, name := range gives {
			s.lines = append(s.lines, fmt.Sprintf(`%s=$(printf '%%s\n' "$%s" | %s)`, variable(name), answer, s.pick(name)))
		}
	}
	for _, name := range gives {
		s.defined[name] = true
	}
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

// together says whether a neighbour of exchange i was under way at its time.
func (s *script) together(i int) bool {
	return i > 0 && s.wanted(i-1) && s.overlaps(i-1, i) || i < s.last() && s.wanted(i+1) && s.overlaps(i, i+1)
}

func (s *script) overlaps(i, j int) bool {
	a, b := s.exchanges[i], s.exchanges[j]
	return !a.Began.IsZero() && a.Transport == "http" && b.Transport == "http" &&
		a.Began.Before(b.Began.Add(b.Took)) && b.Began.Before(a.Began.Add(a.Took))
}

// command repeats an exchange and prints its answer whole, or not at all.
func (s *script) command(i int, show bool) string {
	e := s.exchanges[i]
	switch {
	case e.Transport == "clock" && e.Method == "wait":
		return "sleep " + waitSeconds(e.URL)
	case e.Transport == "clock" && e.Method == "run":
		return e.URL // the manifest's command, to be run where the subject is
	case e.Transport == "grpc" && show:
		return grpcurl(e)
	case e.Transport == "grpc":
		return grpcurl(e) + " >/dev/null 2>&1"
	case show:
		return curl(e, append(slices.Clone(s.shell.Curl), "--include")...)
	}
	return curl(e, append(slices.Clone(s.shell.Curl), "--output", "/dev/null")...)
}

// waitSeconds is a duration as sleep takes it.
func waitSeconds(duration string) string {
	d, err := time.ParseDuration(duration)
	if err != nil {
		return "1"
	}
	return fmt.Sprintf("%.0f", math.Ceil(d.Seconds()))
}

// answer prints an answer for its values to be picked from.
func (s *script) answer(i int) string {
	if s.exchanges[i].Transport == "grpc" {
		return grpcurl(s.exchanges[i])
	}
	return curl(s.exchanges[i], append(slices.Clone(s.shell.Curl), "--include")...)
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
	for _, match := range pseudonym.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, match[1]) {
			names = append(names, match[1])
		}
	}
	return names
}
