package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteJUnit writes the report as JUnit XML: a suite per dialect, a test case
// per requirement, with id, dialect, level, verdict, basis and source as
// properties. A broken MUST row is a failure; a broken SHOULD row passes and
// says so in its output; what was not judged, and known deviations, are
// skipped, never passed. Errors of the run are errors of a suite of their own,
// and findings its output.
func (r *Report) WriteJUnit(w io.Writer) error {
	root := junitRoot{Name: r.Subject.Name, Time: junitTime(r.Ended.Sub(r.Started).Seconds())}
	for _, part := range pageOf(r).Dialects {
		root.add(r.junitSuite(part))
	}
	if len(r.Errors)+len(r.Findings) > 0 {
		root.add(r.junitRun())
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(root); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

type junitRoot struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Time   string       `xml:"time,attr"`
	Suites []junitSuite `xml:"testsuite"`
}

type junitCounts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	Out        string          `xml:"system-out,omitempty"`
}

type junitCase struct {
	Name       string          `xml:"name,attr"`
	Class      string          `xml:"classname,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property,omitempty"`
	Skipped    *junitMessage   `xml:"skipped"`
	Failure    *junitMessage   `xml:"failure"`
	Error      *junitMessage   `xml:"error"`
	Out        string          `xml:"system-out,omitempty"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func junitTime(seconds float64) string { return fmt.Sprintf("%.3f", seconds) }

func (r *junitRoot) add(s junitSuite) {
	s.Tests = len(s.Cases)
	for _, c := range s.Cases {
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	r.Tests += s.Tests
	r.Failures += s.Failures
	r.Errors += s.Errors
	r.Skipped += s.Skipped
	r.Suites = append(r.Suites, s)
}

func (r *Report) junitSuite(part dialectPart) junitSuite {
	suite := junitSuite{
		Name: "dragoman." + part.Name, Timestamp: r.Started.UTC().Format(time.RFC3339),
		Properties: []junitProperty{
			{"dialect", part.Name}, {"suite.version", r.Suite.Version}, {"suite.digest", r.Suite.Digest},
			{"subject", r.Subject.Name}, {"subject.digest", r.Subject.Digest}, {"conclusion", string(r.Conclusion)},
		},
	}
	total := 0.0
	for _, row := range part.Rows {
		c, seconds := row.junitCase()
		total += seconds
		suite.Cases = append(suite.Cases, c)
	}
	suite.Time = junitTime(total)
	return suite
}

func (r Requirement) junitCase() (c junitCase, seconds float64) {
	for _, s := range r.Scenarios {
		seconds += s.Seconds
	}
	c = junitCase{
		Name: r.ID + " " + r.Statement, Class: "dragoman." + r.Dialect, Time: junitTime(seconds),
		Properties: []junitProperty{
			{"id", r.ID}, {"dialect", r.Dialect}, {"level", r.Level}, {"verdict", string(r.Verdict)}, {"basis", r.Basis},
		},
	}
	if r.Source != "" {
		c.Properties = append(c.Properties, junitProperty{"source", r.Source})
	}
	switch {
	case r.harnessFailed():
		c.Error = &junitMessage{Message: r.Reason, Type: "harness-error", Text: r.evidenceText()}
	case r.Verdict == Fail:
		c.Failure = &junitMessage{Message: r.Reason, Type: string(Fail), Text: r.evidenceText()}
	case r.Verdict == Warn:
		c.Out = "warning: " + r.Reason + "\n" + r.evidenceText()
	case r.Verdict != Pass:
		c.Skipped = &junitMessage{Message: string(r.Verdict) + ": " + r.Reason}
	}
	return c, seconds
}

// evidenceText shows the scenarios that did not pass.
func (r *Requirement) evidenceText() string {
	var text strings.Builder
	out := &lines{w: &text}
	for i := range r.Scenarios {
		if s := &r.Scenarios[i]; s.Outcome == Failed || s.Outcome == HarnessFailed {
			s.writeBroken(out)
		}
	}
	return text.String()
}

// junitRun is about the run as a whole.
func (r *Report) junitRun() junitSuite {
	suite := junitSuite{Name: "dragoman.run", Time: junitTime(0), Timestamp: r.Started.UTC().Format(time.RFC3339)}
	suite.Properties = []junitProperty{{"conclusion", string(r.Conclusion)}}
	for i, e := range r.Errors {
		suite.Cases = append(suite.Cases, junitCase{
			Name: fmt.Sprintf("%s error %d", e.Kind, i+1), Class: "dragoman.run", Time: junitTime(0),
			Properties: []junitProperty{{"kind", string(e.Kind)}},
			Error:      &junitMessage{Message: e.Text, Type: string(e.Kind)},
		})
	}
	var text strings.Builder
	out := &lines{w: &text}
	for _, f := range r.Findings {
		out.printf("%s\n", f.line())
	}
	suite.Out = text.String()
	return suite
}
