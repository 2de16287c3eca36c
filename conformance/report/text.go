package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// statementWidth is where the table cuts statements off.
const statementWidth = 100

// WriteText writes the report for people: a row per requirement by dialect,
// then what is broken and how to see it, then the summary, with the findings
// that may explain it beside the conclusion. Where nothing was judged, it says
// only why. It is plain text without control characters.
func (r *Report) WriteText(w io.Writer) error {
	out := &lines{w: w}
	if r.Executed() > 0 || len(r.Errors) == 0 {
		r.writeTable(out)
	}
	r.writeBroken(out)
	for _, e := range r.Errors {
		out.printf("\n%s\n", e)
	}
	r.writeSummary(out)
	if out.err != nil {
		return fmt.Errorf("write report: %w", out.err)
	}
	return nil
}

// writeTable aligns the columns over all dialects.
func (r *Report) writeTable(out *lines) {
	verdicts, ids := 0, 0
	for _, requirement := range r.Requirements {
		verdicts, ids = max(verdicts, len(requirement.Verdict)), max(ids, len(requirement.ID))
	}
	dialect := ""
	for _, requirement := range r.Requirements {
		if requirement.Dialect != dialect {
			dialect = requirement.Dialect
			out.printf("\n%s\n", dialect)
		}
		text := requirement.Statement
		if v := requirement.Verdict; v == NotApplicable || v == Untestable {
			text = requirement.Reason
		}
		out.printf("  %-*s  %-*s  %-6s  %s\n", verdicts, strings.ToUpper(string(requirement.Verdict)),
			ids, requirement.ID, requirement.Level, shorten(strings.Join(strings.Fields(text), " "), statementWidth))
	}
}

// writeBroken shows each requirement that is broken in a few lines: what was
// expected, what came instead, and the exchange that shows it.
func (r *Report) writeBroken(out *lines) {
	first := ""
	for _, requirement := range r.Requirements {
		if !requirement.Broken() {
			continue
		}
		if first == "" {
			first = requirement.ID
		}
		out.printf("\n%s %s (%s, %s)\n", strings.ToUpper(string(requirement.Verdict)), requirement.ID, requirement.Dialect, requirement.Level)
		requirement.writeBrief(out)
	}
	if first == "" {
		return
	}
	file, from := r.SavedAs, ""
	if file == "" {
		file, from = "report.json", ", after a run with --json report.json"
	}
	out.printf("\nMore about one%s:\n"+
		"  dragoman report show %s %s       what was done and answered, step by step\n", from, file, first)
	if !strings.HasPrefix(first, clientRows) {
		out.printf("  dragoman report reproduce %s %s  a script for sh that does it again\n", file, first)
	}
	if r.Subject.Log != "" {
		out.printf("  dragoman report log %s%s        what the server printed, its crashes too\n", file, strings.Repeat(" ", len(first)+1))
	}
}

// clientRows is how the ids of the rows about clients begin: what a client does is not
// done again by a script.
const clientRows = "CLI-"

func (r *Requirement) harnessFailed() bool {
	for _, s := range r.Scenarios {
		if s.Outcome == HarnessFailed {
			return true
		}
	}
	return false
}

func (r *Report) writeSummary(out *lines) {
	var counts []string
	for _, v := range Verdicts() {
		if n := r.Counts[v]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, v))
		}
	}
	out.printf("\n%s: %s\n", r.Subject.Name, cmp.Or(r.Subject.Runs, "not reached"))
	out.printf("%s: %s\n", humanize.Count(len(r.Requirements), "requirement"), strings.Join(counts, ", "))
	out.printf("suite %s (%.12s), %s ran in %s\n", r.Suite.Version, r.Suite.Digest,
		humanize.Count(r.Executed(), "scenario"), humanize.Duration(r.Ended.Sub(r.Started)))
	if r.Partial {
		out.printf("partial: the run broke off, and some requirements were not tried\n")
	}
	if len(r.Suite.Only) > 0 {
		out.printf("only %s: this is no judgement of the whole\n", strings.Join(r.Suite.Only, ", "))
	}
	if r.Suite.Profile != "" {
		out.printf("profile %s: only MUST rows were judged\n", r.Suite.Profile)
	}
	if r.Suite.Requirements != "" {
		out.printf("requirements %s: only the rows of that version were judged\n", r.Suite.Requirements)
	}
	if r.Suite.Repeats > 0 {
		out.printf("each scenario ran %d times (seed %d), %d unstable\n", r.Suite.Repeats, r.Suite.Seed, len(r.unstable()))
		for _, line := range r.unstable() {
			out.printf("UNSTABLE %s\n", line)
		}
	}
	if r.Suite.Strict {
		out.printf("strict: warnings and untestable rows count as failures\n")
	}
	r.writeFindings(out)
	out.printf("%s\n", strings.ToUpper(string(r.Conclusion)))
}

// unstable names the scenarios that changed their mind.
func (r *Report) unstable() []string {
	var found []string
	for _, requirement := range r.Requirements {
		for _, s := range requirement.Scenarios {
			if len(s.Outcomes) > 0 {
				found = append(found, fmt.Sprintf("%s %s: %s: %s", requirement.Dialect, requirement.ID, s.Name, s.Reason))
			}
		}
	}
	return found
}

func shorten(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width-1]) + "…"
}

// indent keeps further lines of a text below its first.
func indent(text string) string {
	return strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n             ")
}

// lines writes text for a terminal, and remembers the first error.
type lines struct {
	w   io.Writer
	err error
}

// printf writes, without the control characters and those that turn the direction
// of text, which a hostile server may have put into its answers.
func (l *lines) printf(format string, args ...any) {
	if l.err != nil {
		return
	}
	_, l.err = io.WriteString(l.w, printable(fmt.Sprintf(format, args...)))
}
