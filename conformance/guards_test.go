package conformance_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// guardsSuite has a row about requests without credentials.
var guardsSuite = fstest.MapFS{
	"form/requirements.yaml": {Data: []byte(`dialect: form
requirements:
  - {id: FRM-01, level: MUST, basis: doc, statement: Nobody is let in without a token., guards: true, scenarios: 1}
  - {id: FRM-02, level: MUST, basis: doc, statement: An expired token is refused., scenarios: 1}
  - {id: FRM-03, level: MUST, basis: doc, statement: It can be extended., provides: [an extension], scenarios: 1}
  - {id: FRM-04, level: MUST, basis: doc, statement: Extensions work., scenarios: 1}
`)},
	"form/rows.feature": {Data: []byte(`@form
Feature: rows

  @FRM-01
  Scenario: one
    When nobody asks
    Then access is denied

  @FRM-02
  Scenario: two
    When somebody asks too late
    Then it is refused

  @FRM-03
  Scenario: three
    When it extends
    Then it succeeds

  @FRM-04
  Scenario: four
    Given an extension
    Then it works
`)},
}

// TestGuards: what anybody gets is for the row about requests without credentials, where
// that row is broken itself.
func TestGuards(t *testing.T) {
	t.Parallel()
	steps := []string{"nobody asks", "access is denied", "somebody asks too late", "it is refused", "it extends", "it succeeds", "an extension", "it works"}
	const all = "FRM-01 FRM-02 FRM-03 FRM-04"
	for _, tt := range []struct{ broken, unguarded, only, want string }{
		{"", "", all, "pass pass pass pass"},
		{"access is denied; it is refused", "it is refused", all, "fail untestable pass pass"},
		{"access is denied; it is refused", "", all, "fail fail pass pass"},
		{"it is refused", "it is refused", all, "pass fail pass pass"},
		{"access is denied", "access is denied", all, "fail pass pass pass"},
		{"access is denied; it is refused", "it is refused", "FRM-02", "untestable"},
		{"access is denied; it succeeds; an extension", "it succeeds", all, "fail pass untestable untestable"},
		{"it succeeds; an extension", "it succeeds", all, "pass pass fail untestable"},
	} {
		bind := func(sc *godog.ScenarioContext, _ string, _ *exchange.Subject, _ *evidence.Log) error {
			sc.StepContext().After(func(ctx context.Context, step *godog.Step, _ godog.StepResultStatus, err error) (context.Context, error) {
				if err != nil && step.Text == tt.unguarded {
					return exchange.Unguarded(ctx), nil
				}
				return ctx, nil
			})
			for _, text := range steps {
				sc.Step("^"+text+"$", func() error {
					if slices.Contains(strings.Split(tt.broken, "; "), text) {
						return errors.New("no")
					}
					return nil
				})
			}
			return nil
		}
		url, _ := newServer(t)
		r, err := conformance.Run(t.Context(), newManifest(url), conformance.Options{Only: strings.Fields(tt.only), Workers: 1}.JudgedBy(guardsSuite, bind))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range r.Requirements {
			got = append(got, string(row.Verdict))
			if row.Verdict == "untestable" && strings.Contains(tt.broken, "access") && !strings.HasPrefix(row.Reason, "blocked by FRM-01: no") {
				t.Errorf("%q broken: %s is untestable for %q", tt.broken, row.ID, row.Reason)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q broken, and %q by nobody: got %s, want %s", tt.broken, tt.unguarded, got, tt.want)
		}
	}
}
