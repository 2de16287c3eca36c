package catalogue

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// requirementsFile is the shape of a requirements.yaml.
type requirementsFile struct {
	Dialect      string `yaml:"dialect"`
	Requirements []row  `yaml:"requirements"`
}

type row struct {
	ID        string                `yaml:"id"`
	Level     Level                 `yaml:"level"`
	Basis     string                `yaml:"basis"`
	Source    string                `yaml:"source"`
	Needs     []manifest.Capability `yaml:"needs"`
	Statement string                `yaml:"statement"`
	Scenarios []string              `yaml:"scenarios"`
	Excluded  string                `yaml:"excluded"`
}

// readRequirements reads the rows of a dialect. Their scenarios have names
// only; bind puts the rest in.
func readRequirements(fsys fs.FS, dialect string) ([]Requirement, error) {
	name := path.Join(dialect, "requirements.yaml")
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	var file requirementsFile
	if err := yaml.UnmarshalWithOptions(content, &file, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var problems []error
	if file.Dialect != dialect {
		problems = append(problems, fmt.Errorf("%s: dialect is %q", name, file.Dialect))
	}
	seen := map[string]bool{}
	requirements := make([]Requirement, 0, len(file.Requirements))
	for _, r := range file.Requirements {
		if seen[r.ID] {
			problems = append(problems, fmt.Errorf("%s: %s stands twice", name, r.ID))
		}
		seen[r.ID] = true
		for _, problem := range r.problems() {
			problems = append(problems, fmt.Errorf("%s: %s %s", name, r.ID, problem))
		}
		requirements = append(requirements, r.requirement(dialect))
	}
	return requirements, errors.Join(problems...)
}

func (r row) requirement(dialect string) Requirement {
	requirement := Requirement{
		ID: r.ID, Dialect: dialect, Level: r.Level, Basis: r.Basis, Source: r.Source, Needs: r.Needs,
		Statement: strings.Join(strings.Fields(r.Statement), " "), Excluded: strings.TrimSpace(r.Excluded),
	}
	for _, name := range r.Scenarios {
		requirement.Scenarios = append(requirement.Scenarios, Scenario{Name: name})
	}
	return requirement
}

var (
	idPattern    = regexp.MustCompile(`^[A-Z]{3}-[0-9]{2}[a-z]?$`)
	basisPattern = regexp.MustCompile(`^(doc|vendor|seen|std|ours)(\+(doc|vendor|seen|std|ours))*$`)
)

func (r row) problems() []string {
	var problems []string
	expect := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Sprintf(format, args...))
		}
	}
	expect(idPattern.MatchString(r.ID), "is no requirement id, as SES-01")
	expect(r.Level == Must || r.Level == Should, "has level %q, neither MUST nor SHOULD", r.Level)
	expect(basisPattern.MatchString(r.Basis), "has basis %q, none of doc, vendor, seen, std, ours", r.Basis)
	expect(strings.TrimSpace(r.Statement) != "", "has no statement")
	expect((len(r.Scenarios) > 0) != (strings.TrimSpace(r.Excluded) != ""), "needs either scenarios or a reason in excluded")
	for _, need := range r.Needs {
		expect(need.Known(), "needs %q, which is no capability", need)
	}
	return problems
}
