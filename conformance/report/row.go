package report

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// briefWidth is where the three lines about a broken requirement are cut off.
const briefWidth = 160

// writeBrief writes about the first scenario that failed: what was expected, what came,
// and the exchange that shows it. Where the requirement has several scenarios, it also
// writes the name of that one, and how many others failed.
func (r *Requirement) writeBrief(out *lines) {
	if r.Verdict == KnownDeviation {
		out.printf("  known     %s\n", shorten(oneLine(r.Reason), briefWidth))
	}
	others := -1
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		if s.Outcome != Failed && s.Outcome != HarnessFailed {
			continue
		}
		if others++; others > 0 {
			continue
		}
		if len(r.Scenarios) > 1 {
			out.printf("  scenario  %s\n", shorten(oneLine(s.Name), briefWidth))
		}
		expected, got := s.ExpectedAndGot()
		if expected != "" {
			out.printf("  expected  %s\n", shorten(expected, briefWidth))
		}
		out.printf("  got       %s\n", shorten(got, briefWidth))
		if at := s.Offending(); at >= 0 {
			out.printf("  exchange  %s -> %s\n", requestLine(s.Exchanges[at]), oneLine(exchangeTitle(s.Exchanges[at])))
		}
	}
	if others > 0 {
		out.printf("  and %d more of its %d scenarios failed\n", others, len(r.Scenarios))
	}
}

// ExpectedAndGot say in one line each why a scenario did not pass: what its step
// expected, and what came instead.
func (s *Scenario) ExpectedAndGot() (expected, got string) {
	why := oneLine(strings.Trim(s.Error+"; "+s.Reason, "; "))
	if wanted, came, both := strings.Cut(why, ", got "); both && strings.HasPrefix(wanted, "expected ") {
		return strings.TrimPrefix(wanted, "expected "), came
	}
	return s.FailedStep, why
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Offending is the index of the exchange that shows why a scenario failed: the last
// whose answer the error quotes, else the last that is not about the clock. It is -1
// where there is none.
func (s *Scenario) Offending() int {
	last := -1
	for i := len(s.Exchanges) - 1; i >= 0; i-- {
		e := s.Exchanges[i]
		if e.Transport == "clock" {
			continue
		}
		if last < 0 {
			last = i
		}
		if e.ResponseBody != "" && strings.Contains(s.Error, strings.TrimSuffix(strconv.Quote(beginning(e.ResponseBody)), `"`)) {
			return i
		}
	}
	return last
}

// beginning is as much of a body as an error quotes.
func beginning(body string) string { return body[:min(len(body), 200)] }

// WriteRow writes all that is known about the row with an id, once for each dialect that
// has it: each scenario with its steps and exchanges, those that failed first. The error
// says that the report has no such row.
func (r *Report) WriteRow(w io.Writer, id string) error {
	out := &lines{w: w}
	return r.eachRow(id, out, func(row *Requirement) {
		out.printf("%s %s (%s, %s)\n  %s\n", strings.ToUpper(string(row.Verdict)), row.ID, row.Dialect, row.Level, row.Statement)
		if row.Source != "" {
			out.printf("  source: %s\n", row.Source)
		}
		if row.Reason != "" {
			out.printf("  %s\n", oneLine(row.Reason))
		}
		for _, failed := range []bool{true, false} { // what failed is looked for first
			for i := range row.Scenarios {
				if s := &row.Scenarios[i]; (s.Outcome == Failed || s.Outcome == HarnessFailed) == failed {
					s.write(out)
				}
			}
		}
		out.printf("\n")
	})
}

// WriteLog writes the last of what the subject printed. The error says that the report has
// nothing of it.
func (r *Report) WriteLog(w io.Writer) error {
	if r.Subject.Log == "" {
		return errors.New("it holds nothing that the server printed: no line, or all was well, or the judge did not start it")
	}
	out := &lines{w: w}
	out.printf("%s\n", strings.TrimSuffix(r.Subject.Log, "\n"))
	return out.err
}

// WriteScripts writes the scripts that repeat the scenarios of a row that failed. The
// error says that the report has no such row, or no such scenario of it.
func (r *Report) WriteScripts(w io.Writer, id string) error {
	out, written := &lines{w: w}, 0
	err := r.eachRow(id, out, func(row *Requirement) {
		for _, s := range row.Scenarios {
			if s.Reproduce == "" {
				continue
			}
			if written++; written > 1 {
				out.printf("\n")
			}
			out.printf("# %s %s: %s (%s)\n(\n%s\n)\n", row.Dialect, row.ID, s.Name, s.Place, s.Reproduce)
		}
	})
	if err == nil && written == 0 {
		return fmt.Errorf("nothing of %s failed that can be repeated", id)
	}
	return err
}

// eachRow calls do with each row that has an id, in any dialect.
func (r *Report) eachRow(id string, out *lines, do func(*Requirement)) error {
	found := false
	for i := range r.Requirements {
		if strings.EqualFold(r.Requirements[i].ID, id) {
			do(&r.Requirements[i])
			found = true
		}
	}
	if !found {
		return fmt.Errorf("the report has no requirement %q%s", id, r.nearestID(id))
	}
	return out.err
}

// nearestID is a question about the id that a mistyped one most likely stands for, or "".
func (r *Report) nearestID(id string) string {
	known := make([]string, len(r.Requirements))
	for i := range r.Requirements {
		known[i] = r.Requirements[i].ID
	}
	if near, found := humanize.Nearest(id, known); found {
		return "; did you mean " + near + "?"
	}
	return ""
}

// write writes a scenario with its steps and exchanges.
func (s *Scenario) write(out *lines) {
	out.printf("\n%s: %s (%s)\n", s.Outcome, s.Name, s.Place)
	for _, step := range s.Steps {
		mark := "ok "
		if !step.Passed {
			mark = "NOT"
		}
		out.printf("  %s %s\n", mark, step.Text)
	}
	if text := strings.Trim(s.Error+"; "+s.Reason, "; "); text != "" {
		out.printf("  %s\n", indent(text))
	}
	offending := s.Offending()
	for i, e := range s.Exchanges {
		if i == len(s.Exchanges)/2 && s.Dropped > 0 {
			out.printf("\n  (%d more exchanges)\n", s.Dropped)
		}
		mark := ""
		if i == offending && s.Outcome == Failed {
			mark = "   <- this shows it"
		}
		out.printf("\n  %d. %s%s\n", i+1, requestLine(e), mark)
		writeExchange(out, e)
	}
}

func writeExchange(out *lines, e evidence.Exchange) {
	part := func(arrow string, texts ...string) {
		for _, text := range texts {
			for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
				if line != "" {
					out.printf("     %s %s\n", arrow, line)
				}
			}
		}
	}
	part(">", headerLines(e.RequestHeader), e.RequestBody)
	if e.Error != "" {
		part("!", e.Error)
	}
	part("<", e.Status, headerLines(e.ResponseHeader), middleOut(e.ResponseBody))
}

// What is shown of a long body, as of a list that grows with each scenario.
const bodyBegins, bodyEnds = 1600, 800

// middleOut leaves out the middle of a long body.
func middleOut(body string) string {
	left := []rune(body)
	if len(left) <= bodyBegins+bodyEnds {
		return body
	}
	return fmt.Sprintf("%s … (%d characters left out; the JSON report has them) … %s",
		string(left[:bodyBegins]), len(left)-bodyBegins-bodyEnds, string(left[len(left)-bodyEnds:]))
}

// writeBroken writes a scenario that failed, for a reader who has nothing else.
func (s *Scenario) writeBroken(out *lines) {
	out.printf("  scenario:  %s (%s)\n", s.Name, s.Place)
	if s.FailedStep != "" {
		out.printf("  step:      %s\n", s.FailedStep)
	}
	if text := strings.Trim(s.Error+"; "+s.Reason, "; "); text != "" {
		out.printf("  error:     %s\n", indent(text))
	}
	if len(s.Exchanges) > 0 {
		last := s.Exchanges[max(0, s.Offending())]
		result := last.Status
		if result == "" {
			result = "no answer: " + last.Error
		}
		out.printf("  evidence:  %s -> %s\n", requestLine(last), indent(result))
		if last.ResponseBody != "" {
			out.printf("             %s\n", indent(shorten(last.ResponseBody, 500)))
		}
	}
	if s.Reproduce != "" {
		out.printf("  reproduce:\n")
		for line := range strings.SplitSeq(s.Reproduce, "\n") {
			out.printf("    %s\n", line)
		}
	}
}
