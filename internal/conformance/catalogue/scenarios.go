package catalogue

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// Phase is the part of a run in which a scenario has its turn. Plain scenarios
// run at once; those of the later phases run alone, one after another.
type Phase int

// The phases, in order. A scenario with tags of several phases runs in the
// last of them.
const (
	Plain    Phase = iota
	Flood          // @flood: many requests
	Alone          // @alone: a look at what the next request gets, oversized bodies, logins in two steps
	Clock          // @clock: moves the subject's time
	Guess          // @guess: wrong passwords or codes of a real account, which may lock it permanently
	Throttle       // @throttle: makes the subject refuse logins for a while
)

var phases = map[string]Phase{"@flood": Flood, "@alone": Alone, "@clock": Clock, "@guess": Guess, "@throttle": Throttle}

// Scenario is one case that judges a requirement: a Gherkin scenario, or one
// row of an outline's examples.
type Scenario struct {
	Name  string                // with the row's values where it is an outline
	File  string                // within the suite
	Line  int                   // of the scenario or outline
	Phase Phase                 // when it has its turn
	Needs []manifest.Capability // beside those of the requirement
	Parts []Part                // its steps, in order

	title    string // the name as written, with an outline's placeholders
	tag      string // the requirement's id
	dialects []string
}

// Feature is a feature file of nothing but this scenario, as short as can be:
// whoever runs it reads it each time.
func (s *Scenario) Feature() []byte {
	text := bytes.NewBufferString("Feature: one scenario\nScenario: " + s.Name + "\n")
	for _, step := range s.Texts() {
		text.WriteString("* " + step + "\n")
	}
	return text.Bytes()
}

// Texts are what its steps say, in order.
func (s *Scenario) Texts() []string {
	texts := make([]string, len(s.Parts))
	for i, part := range s.Parts {
		texts[i] = part.Text
	}
	return texts
}

// readFeatures reads all scenarios of a folder, in the order of files and
// lines.
func (l layout) readFeatures(fsys fs.FS, folder string) ([]Scenario, error) {
	files, err := fs.Glob(fsys, path.Join(folder, "*.feature"))
	if err != nil {
		return nil, err
	}
	var scenarios []Scenario
	var problems []error
	for _, file := range files {
		content, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, err
		}
		found, err := l.readFeature(folder, file, content)
		scenarios = append(scenarios, found...)
		problems = append(problems, err)
	}
	return scenarios, errors.Join(problems...)
}

func (l layout) readFeature(folder, file string, content []byte) ([]Scenario, error) {
	ids := (&messages.Incrementing{}).NewId
	document, err := gherkin.ParseGherkinDocument(bytes.NewReader(content), ids)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if document.Feature == nil {
		return nil, fmt.Errorf("%s: no feature in it", file)
	}
	outlines := outlinesOf(document.Feature)
	var scenarios []Scenario
	var problems []error
	for _, pickle := range gherkin.Pickles(*document, file, ids) {
		outline := outlines[pickle.AstNodeIds[0]]
		s, err := l.newScenario(folder, pickle, outline)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s:%d: %w", file, outline.node.Location.Line, err))
			continue
		}
		s.File, s.Line = file, int(outline.node.Location.Line)
		scenarios = append(scenarios, s)
	}
	return scenarios, errors.Join(problems...)
}

// outline is a scenario's node and the rows of its examples: their ids and
// what stands there. A scenario without examples has no rows.
type outline struct {
	node *messages.Scenario
	rows map[string]*messages.TableRow
}

func outlinesOf(feature *messages.Feature) map[string]outline {
	found := map[string]outline{}
	add := func(node *messages.Scenario) {
		if node == nil {
			return
		}
		o := outline{node: node, rows: map[string]*messages.TableRow{}}
		for _, examples := range node.Examples {
			for _, row := range examples.TableBody {
				o.rows[row.Id] = row
			}
		}
		found[node.Id] = o
	}
	for _, child := range feature.Children {
		add(child.Scenario)
		if child.Rule != nil {
			for _, inner := range child.Rule.Children {
				add(inner.Scenario)
			}
		}
	}
	return found
}

// newScenario reads a scenario's tags. Exactly one names a requirement, one the
// dialect of the folder, or one or more those that share the scenario; the others
// are phases and needs.
func (l layout) newScenario(folder string, pickle *messages.Pickle, o outline) (Scenario, error) {
	s := Scenario{Name: pickle.Name, title: o.node.Name, Parts: partsOf(o.node, pickle)}
	if row := o.rows[pickle.AstNodeIds[len(pickle.AstNodeIds)-1]]; row != nil && !strings.Contains(s.title, "<") {
		s.Name += " (" + cells(row) + ")"
	}
	if len(pickle.Steps) == 0 {
		return s, fmt.Errorf("%q has no steps", s.Name)
	}
	if strings.Contains(pickle.Name, "\n") || slices.ContainsFunc(pickle.Steps, func(step *messages.PickleStep) bool { return strings.Contains(step.Text, "\n") }) {
		return s, fmt.Errorf("%q has an example with a line break, which no step reads", s.Name)
	}
	if slices.ContainsFunc(pickle.Steps, func(step *messages.PickleStep) bool { return step.Argument != nil }) {
		return s, fmt.Errorf("%q has a step with a table or a text below it, which no step reads", s.Name)
	}
	var rows []string
	for _, tag := range pickle.Tags {
		name := strings.TrimPrefix(tag.Name, "@")
		need, isNeed := strings.CutPrefix(name, "needs:")
		phase, isPhase := phases[tag.Name]
		switch {
		case folder != l.shared && name == folder, folder == l.shared && slices.Contains(manifest.DialectNames(), name):
			s.dialects = append(s.dialects, name)
		case idPattern.MatchString(name):
			rows = append(rows, name)
		case isPhase:
			s.Phase = max(s.Phase, phase)
			if phase == Clock {
				s.Needs = append(s.Needs, manifest.ClockControl)
			}
		case isNeed && l.known(manifest.Capability(need)):
			s.Needs = append(s.Needs, manifest.Capability(need))
		default:
			return s, fmt.Errorf("%q has the unknown tag %s", s.Name, tag.Name)
		}
	}
	rows = slices.Compact(slices.Sorted(slices.Values(rows)))
	if len(s.dialects) == 0 {
		return s, fmt.Errorf("%q lacks the tag of a dialect", s.Name)
	}
	if len(rows) != 1 {
		return s, fmt.Errorf("%q has to judge exactly one requirement, not %d %v", s.Name, len(rows), rows)
	}
	s.tag = rows[0]
	return s, nil
}

func cells(row *messages.TableRow) string {
	values := make([]string, len(row.Cells))
	for i, cell := range row.Cells {
		values[i] = cell.Value
	}
	return strings.Join(values, ", ")
}
