package report

import (
	"fmt"
	"strings"
)

// Finding is one thing about the subject, its manifest or the environment that
// is not as it should be, and that is no verdict. Its texts are one line each.
type Finding struct {
	Severity Severity `json:"severity"`
	Where    string   `json:"where"` // a key of the manifest, or what was tried
	Cause    string   `json:"cause"` // what was found
	Fix      string   `json:"fix"`   // what to do about it
}

func (f Finding) String() string { return f.Where + ": " + f.Cause + "; " + f.Fix }

// Severity is how much a Finding matters.
type Severity string

// The severities.
const (
	// Fatal means that nothing can be judged before it is fixed. It is among
	// the report's errors, too.
	Fatal Severity = "fatal"
	// Warning may explain what fails. It may be the subject's own fault, and
	// then its rows say so.
	Warning Severity = "warning"
	// Note is reckoned with, and worth to know.
	Note Severity = "note"
)

// writeFindings repeats what may explain the verdict beside it. What is fatal
// stands among the errors there.
func (r *Report) writeFindings(out *lines) {
	for _, f := range r.Findings {
		if f.Severity == Warning {
			out.printf("%s\n", f.line())
		}
	}
}

// line is all of a finding, in one line whatever a server has put into it.
func (f Finding) line() string {
	return strings.Join(strings.Fields(fmt.Sprintf("%s: %s", f.Severity, f)), " ")
}
