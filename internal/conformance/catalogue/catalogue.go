// Package catalogue knows which requirements there are and which scenarios
// judge them. It reads a tree of features (one folder per dialect, and one for
// the rows that dialects share, each with a requirements.yaml and feature files),
// and refuses one in which rows and scenarios do not account for each other. It
// neither plans nor runs.
package catalogue

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// Version of the suite. It changes when a requirement is added, dropped or
// judged otherwise.
const Version = "0.1.0"

// Catalogue is a whole suite. It is read only and safe for concurrent use.
type Catalogue struct {
	// Requirements in the order of reports: by dialect, then as written.
	Requirements []Requirement
	// Digest is the SHA-256 of all files of the suite, in hex.
	Digest string

	frozen map[string]map[string]bool // version to "dialect id"
}

// Level says how a broken requirement weighs.
type Level string

// The levels: MUST is what the dialect's document says, SHOULD what a
// published standard says where the document is silent.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
)

// Requirement is one row that a server is judged by.
type Requirement struct {
	ID        string                // as "SES-01"; SEC rows stand in every dialect
	Dialect   string                // session, form, rpc or scoped
	Level     Level                 // how much it weighs
	Basis     string                // doc, vendor, seen, std or ours, joined by +
	Source    string                // the standard, where Basis is std
	Needs     []manifest.Capability // without all of these it does not apply
	Statement string                // what the server has to do
	Provides  []string              // beginnings of steps that rely on this row
	Guards    []string              // the dialect's rows about requests without credentials
	Excluded  string                // why it cannot be judged, or ""
	Scenarios []Scenario            // what judges it; empty only when excluded
}

// Load reads and checks the suite in fsys. The error joins everything that is
// wrong with it, a line each.
func Load(fsys fs.FS) (*Catalogue, error) {
	return layout{shared: "security", known: manifest.Capability.Known, own: true}.load(fsys)
}

// LoadClients reads and checks the suite of clients in fsys. All of its rows stand in
// one folder, client; known says what a client may be able to do.
func LoadClients(fsys fs.FS, known func(manifest.Capability) bool) (*Catalogue, error) {
	return layout{shared: "client", known: known}.load(fsys)
}

// layout is how a suite is laid out.
type layout struct {
	shared string                         // the folder of the rows that more than one dialect has
	own    bool                           // dialects have folders of their own, and only those that have are judged
	known  func(manifest.Capability) bool // what rows may need
}

func (l layout) load(fsys fs.FS) (*Catalogue, error) {
	var c Catalogue
	var problems []error
	common, err := l.readFolder(fsys, l.shared)
	problems = append(problems, err)
	for _, dialect := range manifest.DialectNames() {
		own, err := l.readFolder(fsys, dialect)
		problems = append(problems, err)
		if own.name == "" && l.own {
			continue // the suite does not judge this dialect
		}
		requirements, err := bind(dialect, append(own.rowsOf(dialect), common.rowsOf(dialect)...),
			append(own.scenariosOf(dialect), common.scenariosOf(dialect)...))
		c.Requirements = append(c.Requirements, requirements...)
		problems = append(problems, err)
	}
	if len(c.Requirements) == 0 {
		problems = append(problems, errors.New("the suite has no requirements"))
	}
	problems = append(problems, c.readFrozen(fsys))
	digest, err := digestOf(fsys)
	c.Digest = digest
	if err := errors.Join(append(problems, err)...); err != nil {
		return nil, fmt.Errorf("load suite: %w", err)
	}
	return &c, nil
}

// folder is what a folder of features holds.
type folder struct {
	name      string
	shared    bool
	rows      []row
	scenarios []Scenario
}

// readFolder reads a folder. One that is not there holds nothing.
func (l layout) readFolder(fsys fs.FS, name string) (folder, error) {
	if _, err := fs.Stat(fsys, name); errors.Is(err, fs.ErrNotExist) {
		return folder{}, nil
	}
	rows, err := l.readRequirements(fsys, name)
	if err != nil {
		return folder{}, err
	}
	scenarios, err := l.readFeatures(fsys, name)
	if err != nil {
		return folder{}, err
	}
	return folder{name, name == l.shared, rows, scenarios}, nil
}

// rowsOf are the rows that are judged in a dialect.
func (f folder) rowsOf(dialect string) []counted {
	var rows []counted
	for _, r := range f.rows {
		if requirement, count, ok := r.in(dialect, f.shared); ok {
			rows = append(rows, counted{requirement, count, r.Guards})
		}
	}
	return rows
}

// scenariosOf are the scenarios that are tagged with a dialect.
func (f folder) scenariosOf(dialect string) []Scenario {
	var scenarios []Scenario
	for _, s := range f.scenarios {
		if slices.Contains(s.dialects, dialect) {
			scenarios = append(scenarios, s)
		}
	}
	return scenarios
}

// IDs are the ids of all requirements, each once, in order.
func (c *Catalogue) IDs() []string {
	var ids []string
	for _, r := range c.Requirements {
		if !slices.Contains(ids, r.ID) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// digestOf hashes every file of fsys with its path, in the order of paths.
func digestOf(fsys fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(fsys, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(fsys, path)
		sum.Write(fmt.Appendf(nil, "%d %s %d\n%s", len(path), path, len(content), content))
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}
