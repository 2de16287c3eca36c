package clientsuite_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/clientsuite"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
)

// TestSuite accounts for every row, every step and every definition.
func TestSuite(t *testing.T) {
	t.Parallel()
	suite, err := clientsuite.Suite()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	needed := map[clientsuite.Capability]bool{}
	for i := range suite.Requirements {
		row := &suite.Requirements[i]
		if !strings.HasPrefix(row.ID, "CLI-") || row.Excluded != "" || row.Basis == "std" && row.Source == "" {
			t.Errorf("%s %s: excluded %q, basis %s, source %q", row.Dialect, row.ID, row.Excluded, row.Basis, row.Source)
		}
		for j := range row.Scenarios {
			s := &row.Scenarios[j]
			for _, need := range row.AllNeeds(s) {
				needed[need] = true
			}
			if !slices.ContainsFunc(s.Parts, func(p catalogue.Part) bool { return p.Role == catalogue.Judgement }) {
				t.Errorf("%s judges nothing", s.Name)
			}
			for _, part := range s.Parts {
				patterns := clientsuite.Meanings(part.Text)
				if len(patterns) != 1 {
					t.Errorf("%s: %q has %d meanings: %q", s.Name, part.Text, len(patterns), patterns)
					continue
				}
				used[patterns[0]] = true
			}
		}
	}
	for _, pattern := range clientsuite.Patterns() {
		if !used[pattern] {
			t.Errorf("no scenario has a step that %q matches", pattern)
		}
	}
	for _, c := range clientsuite.Capabilities() {
		if !needed[c] {
			t.Errorf("no row needs the capability %s", c)
		}
	}
	if ids := suite.IDs(); len(ids) < 45 {
		t.Errorf("only %d rows", len(ids))
	}
}
