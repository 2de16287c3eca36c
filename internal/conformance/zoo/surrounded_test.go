package zoo

import "testing"

// TestSurrounded: each variant of a dialect is there in each variant of all dialects, once,
// and such a pair is judged.
func TestSurrounded(t *testing.T) {
	t.Parallel()
	of, around := 0, 0
	for _, v := range Variants() {
		if len(v.Dialects) == 0 {
			around++
		} else {
			of++
		}
	}
	pairs := map[string]entry{}
	for _, e := range surrounded() {
		pairs[e.name] = e
	}
	if of < 30 || around < 20 || len(pairs) != of*around {
		t.Fatalf("%d pairs of %d and %d", len(pairs), of, around)
	}
	for _, name := range []string{"form-user-object in compressed", "form-epoch-millis in date-of-the-proxy"} {
		f := pairs[name].trial(t.Context(), oneByOne)
		if f.Err != nil || len(f.Report.Suite.Dialects) != 1 {
			t.Errorf("%s: %v", name, f.Err)
		}
	}
}
