package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// blameSuite has a row that others rely on, directly or by way of another one.
var blameSuite = fstest.MapFS{
	"form/requirements.yaml": {Data: []byte(`dialect: form
requirements:
  - {id: FRM-01, level: MUST, basis: doc, statement: A login is accepted., provides: [a login], scenarios: 1}
  - {id: FRM-02, level: MUST, basis: doc, statement: A token is extended., provides: [an extension], scenarios: 1}
  - {id: FRM-03, level: MUST, basis: doc, statement: Extended tokens work., scenarios: 1}
  - {id: FRM-04, level: MUST, basis: doc, statement: A wrong password is harmless., scenarios: 1}
`)},
	"form/rows.feature": {Data: []byte(`@form
Feature: rows

  @FRM-01
  Scenario: one
    When it logs in
    Then it succeeds

  @FRM-02
  Scenario: two
    Given a login
    When it extends
    Then it succeeds

  @FRM-03
  Scenario: three
    Given a login
    And an extension
    And it succeeds
    Then it works

  @FRM-04
  Scenario: four
    When it fails to log in
    Then it is refused
    But a login
`)},
}

// TestBlame: what a set-up or a control relies on is for the row that judges it.
func TestBlame(t *testing.T) {
	t.Parallel()
	const all = "FRM-01 FRM-02 FRM-03 FRM-04"
	for _, tt := range []struct{ broken, only, want string }{
		{"", all, "pass pass pass pass"},
		{"it logs in; a login", all, "fail untestable(blocked by FRM-01: no) untestable(blocked by FRM-01: no) untestable(blocked by FRM-01: no)"},
		{"it extends; an extension", all, "pass fail untestable(blocked by FRM-02: no) pass"},
		{"it succeeds", all, "fail fail untestable(blocked by FRM-02: no) pass"},
		{"an extension", all, `pass pass untestable(its set-up failed, "an extension": no) pass`},
		{"a login after a failure", all, "pass pass pass fail"},
		{"it works", all, "pass pass fail pass"},
		{"it logs in; it has nothing for: it extends", all, "fail untestable(blocked by FRM-01: this step needs an id, and no answer had one) pass pass"},
		{"it has nothing for: it works", all, `pass pass untestable(its set-up failed, "it works": this step needs an id, and no answer had one) pass`},
		{"it has nothing for: it logs in", all, `untestable(its set-up failed, "it logs in": this step needs an id, and no answer had one) pass pass pass`},
		{"it logs in; a login", "FRM-04", "untestable(blocked by FRM-01: no)"},
		{"a login after a failure", "FRM-04", "fail"},
	} {
		var failed atomic.Bool
		bind := func(sc *godog.ScenarioContext, _ string, _ *exchange.Subject, _ *evidence.Log) error {
			for _, text := range []string{"it logs in", "it succeeds", "it extends", "it works", "it is refused", "it fails to log in", "a login", "an extension"} {
				sc.Step("^"+text+"$", func(context.Context) error {
					if text == "it fails to log in" {
						failed.Store(true)
					}
					costly := text == "a login" && failed.Load() && strings.Contains(tt.broken, "after a failure")
					for broken := range strings.SplitSeq(tt.broken, "; ") {
						if broken == text || costly {
							return errors.New("no")
						}
						if broken == "it has nothing for: "+text {
							return &exchange.LackingError{What: "an id"}
						}
					}
					return nil
				})
			}
			sc.Before(func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
				failed.Store(false)
				return ctx, nil
			})
			return nil
		}
		url, _ := newServer(t)
		r, err := conformance.Run(t.Context(), newManifest(url), conformance.Options{Only: strings.Fields(tt.only), Workers: 1}.JudgedBy(blameSuite, bind))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range r.Requirements {
			verdict := string(row.Verdict)
			if row.Verdict == report.Untestable {
				verdict += fmt.Sprintf("(%s)", row.Reason)
			}
			got = append(got, verdict)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q broken:\ngot  %s\nwant %s", tt.broken, strings.Join(got, " "), tt.want)
		}
	}
}
