package catalogue

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// requirementsFile is the shape of a requirements.yaml. The shared one names no
// dialect, its rows do.
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
	Provides  []string              `yaml:"provides"`
	Guards    bool                  `yaml:"guards"`    // it is about requests without credentials
	Scenarios int                   `yaml:"scenarios"` // how many judge it
	Dialects  map[string]int        `yaml:"dialects"`  // the same of a shared row, by dialect
	Excluded  string                `yaml:"excluded"`
}

// readRequirements reads the rows of a folder.
func (l layout) readRequirements(fsys fs.FS, folder string) ([]row, error) {
	name := path.Join(folder, "requirements.yaml")
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	var file requirementsFile
	if err := yaml.UnmarshalWithOptions(content, &file, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var problems []error
	if folder != l.shared && file.Dialect != folder || folder == l.shared && file.Dialect != "" {
		problems = append(problems, fmt.Errorf("%s: dialect is %q", name, file.Dialect))
	}
	seen := map[string]bool{}
	for _, r := range file.Requirements {
		if seen[r.ID] {
			problems = append(problems, fmt.Errorf("%s: %s stands twice", name, r.ID))
		}
		seen[r.ID] = true
		for _, problem := range append(r.problems(l.known), r.miscounts(folder == l.shared, folder)...) {
			problems = append(problems, fmt.Errorf("%s: %s %s", name, r.ID, problem))
		}
	}
	return file.Requirements, errors.Join(problems...)
}

// in is the row in one dialect, and by how many scenarios it is judged there;
// false says that it is not judged there.
func (r row) in(dialect string, isShared bool) (requirement Requirement, scenarios int, ok bool) {
	scenarios, ok = r.Scenarios, true
	if isShared {
		scenarios, ok = r.Dialects[dialect]
	}
	return Requirement{
		ID: r.ID, Dialect: dialect, Level: r.Level, Basis: r.Basis, Source: r.Source, Needs: r.Needs,
		Statement: strings.Join(strings.Fields(r.Statement), " "), Excluded: strings.TrimSpace(r.Excluded),
		Provides: r.Provides,
	}, scenarios, ok
}

// miscounts are what is wrong with where a row is judged, and by how many
// scenarios: some, unless it is excluded.
func (r row) miscounts(isShared bool, folder string) []string {
	var problems []string
	counts := map[string]int{folder: r.Scenarios}
	if isShared {
		counts = r.Dialects
		if len(counts) == 0 || r.Scenarios != 0 {
			problems = append(problems, "has to count its scenarios in dialects")
		}
	} else if r.Dialects != nil {
		problems = append(problems, "has to count its scenarios in scenarios")
	}
	for _, dialect := range slices.Sorted(maps.Keys(counts)) {
		if !slices.Contains(manifest.DialectNames(), dialect) {
			problems = append(problems, fmt.Sprintf("names %q, which is no dialect", dialect))
		}
		if (counts[dialect] > 0) != (strings.TrimSpace(r.Excluded) == "") {
			problems = append(problems, "needs either scenarios or a reason in excluded")
		}
	}
	return problems
}

var (
	idPattern    = regexp.MustCompile(`^[A-Z]{3}-[0-9]{2}[a-z]?$`)
	basisPattern = regexp.MustCompile(`^(doc|vendor|seen|std|ours)(\+(doc|vendor|seen|std|ours))*$`)
)

func (r row) problems(known func(manifest.Capability) bool) []string {
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
	for _, need := range r.Needs {
		expect(known(need), "needs %q, which is no capability", need)
	}
	return problems
}
