package zoo_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/conformance/zoo"
)

func TestMutants(t *testing.T) {
	for _, m := range zoo.Mutants() {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			r, err := m.Judge(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range r.Errors {
				t.Error(e)
			}
			var red []string
			for _, row := range r.Requirements {
				if row.Verdict == report.Fail || row.Verdict == report.Warn {
					red = append(red, row.ID)
					if !slices.Contains(m.Breaks, row.ID) {
						t.Errorf("%s is red: %s", row.ID, row.Reason)
					}
				}
			}
			for _, id := range m.Breaks {
				if !slices.Contains(red, id) {
					t.Errorf("%s is not red", id)
				}
			}
		})
	}
}

var _ = context.Background
var _ = fmt.Sprint
