package zoo

import (
	"slices"
	"testing"

	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
)

// TestSample: a mutant keeps the rows that it breaks and about a quarter of the others,
// each row judges mutants that do not break it, and no other server loses a row.
func TestSample(t *testing.T) {
	t.Parallel()
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		t.Fatal(err)
	}
	rows, judges := map[string]int{}, map[string]int{} // by dialect; by dialect and id, of mutants that it has nothing against
	for _, row := range suite.Requirements {
		rows[row.Dialect]++
		judges[row.Dialect+" "+row.ID] = 0
	}
	for _, e := range (Plan{Every: 4}).entries() {
		if e.kind != KindMutant {
			if e.only != nil {
				t.Errorf("%s is judged by %v alone", e.name, e.only)
			}
			continue
		}
		dialect := e.dialects[0]
		others := slices.DeleteFunc(slices.Clone(e.only), func(id string) bool { return slices.Contains(e.breaks, id) })
		if kept := len(e.only) - len(others); kept != len(e.breaks) {
			t.Errorf("%s keeps %d of the rows %v, which it breaks", e.name, kept, e.breaks)
		}
		if few := (rows[dialect] - len(e.breaks)) / 4; len(others) < few-len(e.breaks) || len(others) > few+2 {
			t.Errorf("%s is judged by %d others of %d rows", e.name, len(others), rows[dialect])
		}
		for _, id := range others {
			judges[dialect+" "+id]++
		}
	}
	for row, mutants := range judges {
		if mutants < 4 {
			t.Errorf("%s judges %d mutants that do not break it", row, mutants)
		}
	}
	for _, e := range (Plan{}).entries() {
		if e.only != nil {
			t.Errorf("%s is judged by %v alone, and no sample was asked for", e.name, e.only)
		}
	}
}
