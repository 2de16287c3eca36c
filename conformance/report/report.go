// Package report is what a conformance run found: the model, and how it is
// written: text, HTML and a badge for people; JSON, JUnit XML and Cucumber
// Messages for machines. It also signs reports, proves that one was not
// edited, and compares two. It holds no secret: texts and exchanges are
// redacted before they get here. How a verdict is reached is for package
// conformance to say.
package report

import (
	"fmt"
	"time"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// Report is the result of one run.
type Report struct {
	Schema       int           `json:"schema"` // of the JSON form: 1
	Conclusion   Conclusion    `json:"conclusion"`
	Partial      bool          `json:"partial,omitempty"` // the run broke off: some rows were not tried
	Subject      Subject       `json:"subject"`
	Suite        Suite         `json:"suite"`
	Manifest     string        `json:"manifest"` // SHA-256 of the manifest, in hex
	Planned      int           `json:"planned"`  // requirements that were to be judged
	Counts       Counts        `json:"counts"`
	Requirements []Requirement `json:"requirements"`       // every planned row, in order
	Errors       []Error       `json:"errors"`             // what is wrong beside the verdicts; may be empty
	Findings     []Finding     `json:"findings,omitempty"` // of the doctor, in order
	Started      time.Time     `json:"started"`
	Ended        time.Time     `json:"ended"`
	Signature    *Signature    `json:"signature,omitempty"` // see Sign; always the last member

	// SavedAs is the file that holds the JSON form, for the commands that WriteText
	// shows. Empty: there is none.
	SavedAs string `json:"-"`
}

// SchemaVersion is of the JSON form that this package writes and reads. The
// JSON Schema is in schema/report-1.json.
const SchemaVersion = 1

// Conclusion is the one word about the whole run.
type Conclusion string

// The conclusions, and the exit codes that they become.
const (
	// Conformant: no applicable row is broken, and every MUST row that applies
	// was judged. Warnings do not matter.
	Conformant Conclusion = "conformant"
	// ConformantWithGaps: nothing is broken that is not a known deviation, but
	// a MUST row is untestable or a known deviation.
	ConformantWithGaps Conclusion = "conformant-with-gaps"
	// NonConformant: a MUST row is broken, or the ledger of known deviations
	// is wrong; in a strict run also that any row is broken or untestable.
	NonConformant Conclusion = "non-conformant"
	// EnvironmentError: the subject could not be judged, or not to the end.
	EnvironmentError Conclusion = "environment-error"
	// HarnessError: the judge itself is at fault.
	HarnessError Conclusion = "harness-error"
)

// ExitCode is 0 for conformant, with gaps or without, 1 for non-conformant, 3
// for an environment error and 4 for a harness error. 2 is for bad usage and
// bad manifests, which have no report.
func (c Conclusion) ExitCode() int {
	switch c {
	case Conformant, ConformantWithGaps:
		return 0
	case NonConformant:
		return 1
	case EnvironmentError:
		return 3
	}
	return 4
}

// Subject is what was judged.
type Subject struct {
	Name string `json:"name"`
	Kind string `json:"kind"`           // image, dockerfile, command, url, builtin
	Runs string `json:"runs"`           // where and how, in words
	HTTP string `json:"http,omitempty"` // the root URL
	GRPC string `json:"grpc,omitempty"` // host:port
	// Digest says which one it was, as "sha256:…": of an image its id, of a
	// command its program, of a URL the URL and its certificate.
	Digest string `json:"digest,omitempty"`
	Log    string `json:"log,omitempty"` // the end of what it printed, unless all is well
}

// Suite is what it was judged by.
type Suite struct {
	Version  string   `json:"version"`
	Digest   string   `json:"digest"`             // SHA-256 of all feature files, in hex
	Dialects []string `json:"dialects,omitempty"` // that were judged
	Only     []string `json:"only,omitempty"`     // the rows asked for, where not all were
	// Profile is "core" where only MUST rows were judged; Requirements the
	// version of the frozen set of rows, where one was asked for.
	Profile      string `json:"profile,omitempty"`
	Requirements string `json:"requirements,omitempty"`
	// Strict means that a broken SHOULD row and an untestable row are no less
	// than a broken MUST row.
	Strict bool `json:"strict,omitempty"`
	// Repeats is how often each scenario ran, where more than once; Seed is
	// what their order was drawn from, where it was.
	Repeats int    `json:"repeats,omitempty"`
	Seed    uint64 `json:"seed,omitempty"`
}

// Verdict is what was found about one requirement.
type Verdict string

// The verdicts.
const (
	Pass           Verdict = "pass"
	Fail           Verdict = "fail"            // a MUST row is broken
	Warn           Verdict = "warn"            // a SHOULD row is broken
	NotApplicable  Verdict = "not-applicable"  // the manifest does not declare what the row needs
	Untestable     Verdict = "untestable"      // the duty stands, but the proof could not be had
	KnownDeviation Verdict = "known-deviation" // broken, and in the ledger
)

// Verdicts are all of them, in the order of summaries.
func Verdicts() []Verdict {
	return []Verdict{Pass, Fail, Warn, NotApplicable, Untestable, KnownDeviation}
}

// Counts are the number of requirements by verdict. All verdicts are there,
// and the numbers add up to the number of requirements.
type Counts map[Verdict]int

// Requirement is one row and its verdict.
type Requirement struct {
	ID        string     `json:"id"`
	Dialect   string     `json:"dialect"`
	Level     string     `json:"level"` // MUST or SHOULD
	Statement string     `json:"statement"`
	Basis     string     `json:"basis"`            // who asks it: doc, vendor, seen, std, ours, joined by +
	Source    string     `json:"source,omitempty"` // the standard, where there is one
	Verdict   Verdict    `json:"verdict"`
	Reason    string     `json:"reason"` // why it is no pass; empty for a pass
	Scenarios []Scenario `json:"scenarios"`
}

// Outcome is what became of one scenario.
type Outcome string

// The outcomes.
const (
	Passed        Outcome = "passed"
	Failed        Outcome = "failed"
	Inapplicable  Outcome = "not-applicable" // needs what the manifest does not declare
	Unproven      Outcome = "untestable"     // the means to judge were missing, or it did not run
	HarnessFailed Outcome = "harness-error"  // the judge broke
)

// Scenario is one case of a requirement.
type Scenario struct {
	Name       string     `json:"name"`
	Place      string     `json:"place"` // file:line in the suite
	Outcome    Outcome    `json:"outcome"`
	Reason     string     `json:"reason,omitempty"`   // where it was neither passed nor failed, or unstable
	Outcomes   []Outcome  `json:"outcomes,omitempty"` // of each repetition, where they differ: the scenario is unstable
	Seconds    float64    `json:"seconds"`
	Steps      []Step     `json:"steps,omitempty"` // that ran, up to the first that did not pass
	FailedStep string     `json:"failed_step,omitempty"`
	Error      string     `json:"error,omitempty"`     // expected and got
	Exchanges  []Exchange `json:"exchanges,omitempty"` // of scenarios that did not pass
	Dropped    int        `json:"dropped_exchanges,omitempty"`
	Reproduce  string     `json:"reproduce,omitempty"` // a shell script that repeats it; see Shell
}

// Step is one that a scenario ran.
type Step struct {
	Text    string  `json:"text"`
	Passed  bool    `json:"passed"`
	Seconds float64 `json:"seconds"`
}

// ErrorKind says who is to blame for an Error.
type ErrorKind string

// The kinds of errors.
const (
	Environment ErrorKind = "environment"
	Harness     ErrorKind = "harness"
	Ledger      ErrorKind = "ledger" // the manifest's known deviations
)

// Error is something wrong that is no verdict.
type Error struct {
	Kind ErrorKind `json:"kind"`
	Text string    `json:"text"`
}

func (e Error) Error() string { return fmt.Sprintf("%s error: %s", e.Kind, e.Text) }

// Close counts the verdicts, holds them against the plan, and draws the
// conclusion. It is the last change to a report, its signature apart.
func (r *Report) Close(ended time.Time) {
	r.Schema = SchemaVersion
	r.Started, r.Ended = r.Started.UTC(), ended.UTC()
	r.Counts = r.count()
	for i := range r.Requirements {
		if r.Requirements[i].Scenarios == nil {
			r.Requirements[i].Scenarios = []Scenario{} // a list in JSON, never null
		}
	}
	sum := 0
	for _, n := range r.Counts {
		sum += n
	}
	for _, requirement := range r.Requirements {
		if _, known := r.Counts[requirement.Verdict]; !known {
			r.Errors = append(r.Errors, Error{Harness, fmt.Sprintf("%s got no verdict", requirement.ID)})
		}
	}
	if sum != r.Planned || len(r.Requirements) != r.Planned {
		r.Errors = append(r.Errors, Error{Harness, fmt.Sprintf("%s planned, %d reported, %d with a verdict",
			humanize.Count(r.Planned, "requirement"), len(r.Requirements), sum)})
	}
	if r.Executed() == 0 && !r.has(Environment) && !r.has(Harness) {
		r.Errors = append(r.Errors, Error{Environment, "nothing was judged: no selected row is applicable and testable"})
	}
	r.Conclusion = r.conclude()
}

// count counts the verdicts. Those that are none do not count.
func (r *Report) count() Counts {
	counts := Counts{}
	for _, v := range Verdicts() {
		counts[v] = 0
	}
	for _, requirement := range r.Requirements {
		if _, known := counts[requirement.Verdict]; known {
			counts[requirement.Verdict]++
		}
	}
	return counts
}

// Executed is the number of scenarios that ran and found something.
func (r *Report) Executed() int {
	executed := 0
	for _, requirement := range r.Requirements {
		for _, s := range requirement.Scenarios {
			if s.Outcome == Passed || s.Outcome == Failed {
				executed++
			}
		}
	}
	return executed
}

func (r *Report) conclude() Conclusion {
	switch {
	case r.has(Harness):
		return HarnessError
	case r.has(Environment):
		return EnvironmentError
	case r.Counts[Fail] > 0 || r.has(Ledger):
		return NonConformant
	case r.Suite.Strict && r.Counts[Warn]+r.Counts[Untestable] > 0:
		return NonConformant
	}
	for _, requirement := range r.Requirements {
		gap := requirement.Verdict == Untestable || requirement.Verdict == KnownDeviation
		if gap && requirement.Level == "MUST" {
			return ConformantWithGaps
		}
	}
	return Conformant
}

func (r *Report) has(kind ErrorKind) bool {
	for _, e := range r.Errors {
		if e.Kind == kind {
			return true
		}
	}
	return false
}
