package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"
)

// messagesVersion is of the protocol that WriteMessages speaks.
const messagesVersion = "21.0.1"

// WriteMessages writes the report as Cucumber Messages, one JSON object per
// line, for the tools that read them. Features are the suite that was run, for
// the report does not hold its text; requirements are the tags of the
// scenarios. A scenario that several dialects share is a pickle in each, tagged
// with that dialect alone. What was not judged is skipped, never passed; a scenario whose
// text is not in features is an error. Exchanges and the lines that repeat a
// failure are attachments. Times are those of the scenarios one after another,
// although several may have run at once.
func (r *Report) WriteMessages(w io.Writer, features fs.FS) error {
	m := &messageWriter{
		encoder: newEncoder(w), ids: (&messages.Incrementing{}).NewId,
		now: r.Started, pickles: map[string]*messages.Pickle{},
	}
	m.encoder.SetEscapeHTML(false)
	m.send(&messages.Envelope{Meta: &messages.Meta{
		ProtocolVersion: messagesVersion,
		Implementation:  &messages.Product{Name: "dragoman", Version: r.Suite.Version},
		Runtime:         &messages.Product{Name: "go"}, Os: &messages.Product{Name: "any"}, Cpu: &messages.Product{Name: "any"},
	}})
	for _, file := range r.featureFiles() {
		if err := m.feature(features, file, r.dialects()); err != nil {
			return fmt.Errorf("write messages: %w", err)
		}
	}
	m.send(&messages.Envelope{TestRunStarted: &messages.TestRunStarted{Timestamp: stamp(m.now)}})
	for _, row := range r.Requirements {
		for _, s := range row.Scenarios {
			if err := m.scenario(row.Dialect, s); err != nil {
				return fmt.Errorf("write messages: %w", err)
			}
		}
	}
	finished := &messages.TestRunFinished{Success: r.Conclusion.ExitCode() == 0, Timestamp: stamp(r.Ended)}
	if len(r.Errors) > 0 {
		finished.Message = r.Errors[0].Error()
	}
	m.send(&messages.Envelope{TestRunFinished: finished})
	if m.err != nil {
		return fmt.Errorf("write messages: %w", m.err)
	}
	return nil
}

// dialects are those of the rows, each once.
func (r *Report) dialects() []string {
	var dialects []string
	for _, row := range r.Requirements {
		if !slices.Contains(dialects, row.Dialect) {
			dialects = append(dialects, row.Dialect)
		}
	}
	return dialects
}

// featureFiles are the files that the scenarios stand in, each once.
func (r *Report) featureFiles() []string {
	var files []string
	for _, row := range r.Requirements {
		for _, s := range row.Scenarios {
			file, _, _ := strings.Cut(s.Place, ":")
			if !slices.Contains(files, file) {
				files = append(files, file)
			}
		}
	}
	return files
}

// messageWriter sends envelopes, and remembers the first error.
type messageWriter struct {
	encoder *json.Encoder
	ids     func() string
	now     time.Time
	pickles map[string]*messages.Pickle // by place and name, and by dialect where several share one
	err     error
}

func (m *messageWriter) send(e *messages.Envelope) {
	if m.err == nil {
		m.err = m.encoder.Encode(e)
	}
}

// feature sends a file and its scenarios.
func (m *messageWriter) feature(features fs.FS, file string, dialects []string) error {
	content, err := fs.ReadFile(features, file)
	if err != nil {
		return err
	}
	document, err := gherkin.ParseGherkinDocument(bytes.NewReader(content), m.ids)
	if err != nil || document.Feature == nil {
		return fmt.Errorf("%s: no feature in it: %w", file, cmp.Or(err, io.ErrUnexpectedEOF))
	}
	document.Uri = file
	m.send(&messages.Envelope{Source: &messages.Source{
		Uri: file, Data: string(content), MediaType: messages.SourceMediaType_TEXT_X_CUCUMBER_GHERKIN_PLAIN,
	}})
	m.send(&messages.Envelope{GherkinDocument: document})
	nodes, rows := nodesOf(document.Feature)
	for _, pickle := range gherkin.Pickles(*document, file, m.ids) {
		node := nodes[pickle.AstNodeIds[0]]
		key := fmt.Sprintf("%s:%d %s", file, node.Location.Line, pickle.Name)
		keys := []string{key}
		if row := rows[pickle.AstNodeIds[len(pickle.AstNodeIds)-1]]; row != nil {
			keys = append(keys, fmt.Sprintf("%s (%s)", key, cellsOf(row)))
		}
		m.pickle(pickle, dialects, keys)
	}
	return nil
}

// pickle sends a scenario, once for each of the dialects that it is tagged with.
func (m *messageWriter) pickle(pickle *messages.Pickle, dialects, keys []string) {
	tagged := func(tags []*messages.PickleTag, dialect string) bool {
		return slices.ContainsFunc(tags, func(tag *messages.PickleTag) bool { return tag.Name == "@"+dialect })
	}
	sharing := slices.DeleteFunc(slices.Clone(dialects), func(d string) bool { return !tagged(pickle.Tags, d) })
	if len(sharing) < 2 {
		m.send(&messages.Envelope{Pickle: pickle})
		for _, key := range keys {
			m.pickles[key] = pickle
		}
		return
	}
	for _, dialect := range sharing {
		one := *pickle
		one.Id = m.ids()
		one.Tags = slices.DeleteFunc(slices.Clone(pickle.Tags), func(tag *messages.PickleTag) bool {
			return tag.Name != "@"+dialect && slices.Contains(sharing, strings.TrimPrefix(tag.Name, "@"))
		})
		one.Steps = make([]*messages.PickleStep, len(pickle.Steps))
		for i, step := range pickle.Steps {
			own := *step
			own.Id = m.ids()
			one.Steps[i] = &own
		}
		m.send(&messages.Envelope{Pickle: &one})
		for _, key := range keys {
			m.pickles[dialect+" "+key] = &one
		}
	}
}

// nodesOf are the scenarios of a feature and the rows of their examples, by id.
func nodesOf(feature *messages.Feature) (map[string]*messages.Scenario, map[string]*messages.TableRow) {
	nodes, rows := map[string]*messages.Scenario{}, map[string]*messages.TableRow{}
	add := func(node *messages.Scenario) {
		if node == nil {
			return
		}
		nodes[node.Id] = node
		for _, examples := range node.Examples {
			for _, row := range examples.TableBody {
				rows[row.Id] = row
			}
		}
	}
	for _, child := range feature.Children {
		add(child.Scenario)
		if child.Rule != nil {
			for _, inner := range child.Rule.Children {
				add(inner.Scenario)
			}
		}
	}
	return nodes, rows
}

func cellsOf(row *messages.TableRow) string {
	values := make([]string, len(row.Cells))
	for i, cell := range row.Cells {
		values[i] = cell.Value
	}
	return strings.Join(values, ", ")
}

// scenario sends a test case and what became of it.
func (m *messageWriter) scenario(dialect string, s Scenario) error {
	key := s.Place + " " + s.Name
	pickle := cmp.Or(m.pickles[dialect+" "+key], m.pickles[key])
	if pickle == nil {
		return fmt.Errorf("the suite has no scenario %q at %s", s.Name, s.Place)
	}
	testCase := &messages.TestCase{Id: m.ids(), PickleId: pickle.Id, TestSteps: []*messages.TestStep{}}
	for _, step := range pickle.Steps {
		testCase.TestSteps = append(testCase.TestSteps, &messages.TestStep{Id: m.ids(), PickleStepId: step.Id})
	}
	m.send(&messages.Envelope{TestCase: testCase})
	started := &messages.TestCaseStarted{Id: m.ids(), TestCaseId: testCase.Id, Timestamp: stamp(m.now)}
	m.send(&messages.Envelope{TestCaseStarted: started})
	for i, step := range testCase.TestSteps {
		m.send(&messages.Envelope{TestStepStarted: &messages.TestStepStarted{
			TestCaseStartedId: started.Id, TestStepId: step.Id, Timestamp: stamp(m.now),
		}})
		result := resultOf(s, i)
		if result.Status == messages.TestStepResultStatus_FAILED {
			m.attach(s, started.Id, step.Id)
		}
		m.now = m.now.Add(time.Duration(result.Duration.Seconds)*time.Second + time.Duration(result.Duration.Nanos))
		m.send(&messages.Envelope{TestStepFinished: &messages.TestStepFinished{
			TestCaseStartedId: started.Id, TestStepId: step.Id, TestStepResult: result, Timestamp: stamp(m.now),
		}})
	}
	m.send(&messages.Envelope{TestCaseFinished: &messages.TestCaseFinished{TestCaseStartedId: started.Id, Timestamp: stamp(m.now)}})
	return nil
}

// resultOf is what became of the i-th step of a scenario.
func resultOf(s Scenario, i int) *messages.TestStepResult {
	result := &messages.TestStepResult{Duration: &messages.Duration{}, Status: messages.TestStepResultStatus_SKIPPED}
	if i < len(s.Steps) {
		d := time.Duration(s.Steps[i].Seconds * float64(time.Second))
		result.Duration = &messages.Duration{Seconds: int64(d / time.Second), Nanos: int64(d % time.Second)}
	}
	switch {
	case s.Outcome == Passed, i < len(s.Steps) && s.Steps[i].Passed:
		result.Status = messages.TestStepResultStatus_PASSED
	case i != len(s.passedSteps()): // behind the one that counts
	case s.Outcome == Failed || s.Outcome == HarnessFailed:
		result.Status, result.Message = messages.TestStepResultStatus_FAILED, s.Error+s.Reason
	default:
		result.Message = s.Reason
	}
	return result
}

// passedSteps are those before the one that did not pass.
func (s Scenario) passedSteps() []Step {
	n := slices.IndexFunc(s.Steps, func(step Step) bool { return !step.Passed })
	if n < 0 {
		return s.Steps
	}
	return s.Steps[:n]
}

// attach sends the evidence.
func (m *messageWriter) attach(s Scenario, started, step string) {
	attachment := func(mediaType, name, body string) {
		m.send(&messages.Envelope{Attachment: &messages.Attachment{
			Body: body, ContentEncoding: messages.AttachmentContentEncoding_IDENTITY,
			MediaType: mediaType, FileName: name, TestCaseStartedId: started, TestStepId: step,
		}})
	}
	if s.Reproduce != "" {
		attachment("text/x-shellscript", "reproduce.sh", s.Reproduce)
	}
	if len(s.Exchanges) > 0 {
		body, err := json.MarshalIndent(s.Exchanges, "", "  ")
		m.err = cmp.Or(m.err, err)
		attachment("application/json", "exchanges.json", string(body))
	}
}

func stamp(t time.Time) *messages.Timestamp {
	return &messages.Timestamp{Seconds: t.Unix(), Nanos: int64(t.Nanosecond())}
}
