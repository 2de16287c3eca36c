//go:build !race

package zoo

import (
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/needs"
)

// TestALockIsNoLuck: wrong passwords that lock an account permanently are sent when all
// else is judged, in one order. In CI each server is judged in all dialects, elsewhere in
// one: what puts the scenarios in order does not know them apart.
func TestALockIsNoLuck(t *testing.T) {
	t.Parallel()
	for name, dialect := range map[string]string{
		"account-locked-at-once": "session", "account-locked-for-good": "rpc", "empty-passwords-lock": "scoped",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := find(name)
			if err != nil {
				t.Fatal(err)
			}
			if !needs.Whole() {
				e.dialects = []string{dialect}
			}
			f := e.repeated(t.Context(), 3)
			if f.Err != nil {
				t.Fatal(f.Err)
			}
			judgedUpToTheLock(t, f.Report)
			again := e.trial(t.Context(), conformance.Options{Workers: 4, Repeat: 2})
			if again.Err != nil {
				t.Fatalf("with each scenario twice: %v", again.Err)
			}
			for _, err := range differences(f.Report, again.Report) {
				t.Errorf("with each scenario twice: %v", err)
			}
		})
	}
}

func judgedUpToTheLock(t *testing.T, r *report.Report) {
	t.Helper()
	for _, row := range r.Requirements {
		guesses := slices.ContainsFunc(row.Scenarios, func(s report.Scenario) bool { return strings.Contains(s.Reason, "lock the account permanently") })
		if row.Verdict == report.Untestable && !guesses {
			t.Errorf("%s of %s is untestable: %s", row.ID, row.Dialect, row.Reason)
		}
	}
}
