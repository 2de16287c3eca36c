package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// block is a line of a script.
type block struct {
	first, last int // the exchanges that it repeats, from 1; 0: none
	title       string
	line        string
}

// set writes a line that sets the variable of a name.
func (s *script) set(name, word string) { s.write(variable(name) + "=" + word) }

// write adds a line that repeats no exchange.
func (s *script) write(line string) { s.blocks = append(s.blocks, block{line: line}) }

// ask adds the line that repeats exchange i, or says that the one before it
// does so once more.
func (s *script) ask(i int, line string) {
	if n := len(s.blocks); n > 0 && s.blocks[n-1].first > 0 && s.blocks[n-1].line == line {
		s.blocks[n-1].last = i + 1
		return
	}
	s.blocks = append(s.blocks, block{first: i + 1, last: i + 1, title: s.title(s.exchanges[i]), line: line})
}

func (s *script) title(e evidence.Exchange) string {
	if e.Transport == "grpc" {
		return e.Method
	}
	text := e.Method + " " + strings.TrimPrefix(e.URL, s.shell.HTTP)
	if e.Transport == "clock" {
		text = "(the clock) " + text
	}
	return strings.TrimSpace(text)
}

// address is a URL or an address as a word of the shell: that of the subject is
// in a variable.
func (s *script) address(text, subject, variable string) string {
	rest, is := strings.CutPrefix(text, subject)
	if !is || subject == "" || evidence.ShellWord(subject) != subject {
		return quote(text)
	}
	if line := fmt.Sprintf("%s=${%s:-%s}", variable, variable, subject); !slices.Contains(s.asks, line) {
		s.asks = append(s.asks, line)
	}
	if rest == "" {
		return `"$` + variable + `"`
	}
	return `"$` + variable + `"` + quote(rest)
}

// comment is a text as lines that a shell passes over.
func comment(text string) string {
	var lines strings.Builder
	for line := range strings.Lines(text) {
		line = strings.Map(func(r rune) rune {
			if acts(r) {
				return -1
			}
			return r
		}, line)
		lines.WriteString("# " + shorten(line, 300) + "\n")
	}
	return lines.String()
}

// keepAnswers makes a directory for answers, which hold tokens, and removes it
// at the end: some shells take being interrupted for no end.
const keepAnswers = `ANSWERS=$(mktemp -d) && trap 'rm -r "$ANSWERS"' EXIT && trap 'exit 1' HUP INT TERM`

// showAnswer is a shell function that prints an answer which a variable is taken
// from where the others are printed. That may be a file, so it is not opened by
// its name, as tee would: that empties it.
const showAnswer = `exec 3>&1
show() {
  shown=$(cat)
  printf '%s\n' "$shown" >&3
  printf '%s\n' "$shown"
}`

// text is the whole script.
func (s *script) text() string {
	lines := s.asks
	if s.keeps {
		lines = append(lines, keepAnswers)
	}
	for _, file := range s.protos {
		lines = append(lines, file.lines()...)
	}
	if s.shows {
		lines = append(lines, showAnswer)
	}
	if s.picks {
		lines = append(lines, pickMember)
	}
	if s.signs {
		lines = append(lines, signToken)
	}
	for _, b := range s.blocks {
		lines = append(lines, b.lines()...)
	}
	return strings.Join(lines, "\n")
}

// lines are those of a block, under a heading where it repeats exchanges.
func (b block) lines() []string {
	heading := func(text string) string { return "echo " + evidence.ShellWord(text+": "+b.title) }
	switch b.first {
	case 0:
		return []string{b.line}
	case b.last:
		return []string{heading(fmt.Sprintf("# %d", b.first)), b.line}
	}
	return []string{
		heading(fmt.Sprintf("# %d to %d", b.first, b.last)),
		fmt.Sprintf("for i in $(seq %d %d); do %s; done", b.first, b.last, b.line),
	}
}

// command repeats an exchange and prints its answer.
func (s *script) command(e evidence.Exchange) string {
	switch {
	case e.Transport == "clock" && e.Method == "wait":
		return "sleep " + waitSeconds(e.URL)
	case e.Transport == "clock" && e.Method == "run":
		return e.URL // a line of the shell already
	case e.Transport == "clock" && e.Method == "exec":
		s.want("CONTAINER", "the name of the subject's container")
		return `docker exec "$CONTAINER" ` + e.URL
	case e.Transport == "clock":
		return curl(e, s.address(e.URL, s.shell.HTTP, "SUBJECT_HTTP"), append([]string{"--fail", "--output", "/dev/null"}, s.shell.Curl...)...)
	case e.Transport == "grpc":
		return grpcurl(e, s.address(strings.TrimPrefix(e.URL, "tls://"), s.shell.GRPC, "SUBJECT_GRPC"), s.protoFlags(), s.shell.Grpcurl...)
	}
	return curl(e, s.address(e.URL, s.shell.HTTP, "SUBJECT_HTTP"), append([]string{"--include", "--write-out", `\n`}, s.shell.Curl...)...)
}

// waitSeconds is a duration as sleep takes it.
func waitSeconds(duration string) string {
	d, err := time.ParseDuration(duration)
	if err != nil {
		return "1"
	}
	return fmt.Sprintf("%.0f", math.Ceil(d.Seconds()))
}
