package catalogue_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
)

// TestRoles: keywords say what a step is there for, rows what they provide, and
// a step relies on all before it in the same set-up or control.
func TestRoles(t *testing.T) {
	t.Parallel()
	suite, err := catalogue.Load(fstest.MapFS{
		"form/requirements.yaml": {Data: []byte(`dialect: form
requirements:
  - {id: FRM-01, level: MUST, basis: doc, statement: One., provides: [a login], scenarios: 1}
  - {id: FRM-02, level: MUST, basis: doc, statement: Two., provides: [a login with a long, access], scenarios: 1}
`)},
		"form/rows.feature": {Data: []byte(`@form
Feature: rows
  @FRM-01
  Scenario: one
    Given a login
    And it is accepted
    When it is tried
    And tried again
    Then it is refused
    But access
    And it is accepted
  @FRM-02
  Scenario: two
    * a step
    Given a login with a long token
    And a login
`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range suite.Requirements {
		for _, part := range row.Scenarios[0].Parts {
			got = append(got, fmt.Sprintf("%d%v", part.Role, part.Owners))
		}
	}
	want := []string{
		"1[FRM-01]", "1[FRM-01]", "0[]", "0[]", "0[]", "2[FRM-02]", "2[FRM-02]",
		"0[]", "1[FRM-02]", "1[FRM-01 FRM-02]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestEverySetUpIsOwned: whatever a row of the suite relies on, some row judges.
func TestEverySetUpIsOwned(t *testing.T) {
	t.Parallel()
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		t.Fatal(err)
	}
	nobodys := []string{
		"the throttle is reset", "the authenticator shows a new code", // the judge's own
	}
	for _, row := range suite.Requirements {
		for _, s := range row.Scenarios {
			for _, part := range s.Parts {
				if part.Role != catalogue.Judgement && len(part.Owners) == 0 && !slices.Contains(nobodys, part.Text) {
					t.Errorf("%s in %s %q relies on %q, which no row provides", row.Dialect, row.ID, s.Name, part.Text)
				}
			}
		}
	}
}
