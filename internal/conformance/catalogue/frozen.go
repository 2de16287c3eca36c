package catalogue

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/goccy/go-yaml"
)

// frozenFile is the shape of a requirements-VERSION.yaml: the ids of the rows
// that the version has, by dialect.
type frozenFile struct {
	Version string   `yaml:"version"`
	Session []string `yaml:"session"`
	Form    []string `yaml:"form"`
	RPC     []string `yaml:"rpc"`
	Scoped  []string `yaml:"scoped"`
}

// Frozen says whether a row is in the frozen set of a version, as "1.0". Ok is
// false where there is no such version.
func (c *Catalogue) Frozen(version string) (contains func(dialect, id string) bool, ok bool) {
	set, ok := c.frozen[version]
	return func(dialect, id string) bool { return set[dialect+" "+id] }, ok
}

// Versions are those of which there is a frozen set, in order.
func (c *Catalogue) Versions() []string { return slices.Sorted(maps.Keys(c.frozen)) }

// readFrozen reads all frozen sets. A row in them that the suite no longer has
// is a mistake: a frozen row is never dropped.
func (c *Catalogue) readFrozen(fsys fs.FS) error {
	names, err := fs.Glob(fsys, "requirements-*.yaml")
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, r := range c.Requirements {
		known[r.Dialect+" "+r.ID] = true
	}
	c.frozen = map[string]map[string]bool{}
	var problems []error
	for _, name := range names {
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		var file frozenFile
		if err := yaml.UnmarshalWithOptions(content, &file, yaml.Strict()); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", name, err))
			continue
		}
		if name != "requirements-"+file.Version+".yaml" {
			problems = append(problems, fmt.Errorf("%s: version is %q", name, file.Version))
		}
		set := map[string]bool{}
		for _, frozen := range []struct {
			dialect string
			ids     []string
		}{{"session", file.Session}, {"form", file.Form}, {"rpc", file.RPC}, {"scoped", file.Scoped}} {
			for _, id := range frozen.ids {
				row := frozen.dialect + " " + id
				if !known[row] {
					problems = append(problems, fmt.Errorf("%s: %s is frozen, and no longer in the suite", name, row))
				}
				set[row] = true
			}
		}
		c.frozen[file.Version] = set
	}
	return errors.Join(problems...)
}
