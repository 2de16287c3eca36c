package zoo_test

import (
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/conformance/zoo"
)

func TestVariants(t *testing.T) {
	for _, v := range zoo.Variants() {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			r, err := v.Judge(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range r.Errors {
				t.Error(e)
			}
			for _, row := range r.Requirements {
				if row.Verdict != report.Pass && row.Verdict != report.NotApplicable {
					t.Errorf("%s %s %s %s", row.Dialect, row.ID, row.Verdict, row.Reason)
				}
			}
		})
	}
}
func TestMutants(t *testing.T) {
	for _, m := range zoo.Mutants() {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			r, err := m.Judge(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Killed(r); err != nil {
				t.Error(err)
			}
		})
	}
}
