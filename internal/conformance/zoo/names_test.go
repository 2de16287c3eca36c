package zoo_test

import (
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo"
)

// TestNames checks that each server can be found by its name and says what it
// is there for.
func TestNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{"reference": true}
	check := func(name, why string) {
		if seen[name] {
			t.Errorf("two servers are called %s", name)
		}
		seen[name] = true
		if len(why) < 10 || !strings.HasSuffix(why, ".") || strings.Contains(strings.TrimSuffix(why, "."), ". ") {
			t.Errorf("%s: %q is no sentence", name, why)
		}
	}
	for _, m := range zoo.Mutants() {
		check(m.Name, m.Why)
		if len(m.Breaks) == 0 {
			t.Errorf("%s breaks nothing", m.Name)
		}
	}
	for _, v := range zoo.Variants() {
		check(v.Name, v.Differs)
	}
	if _, err := zoo.Try(t.Context(), "session/no-such-mistake"); err == nil {
		t.Error("a mutant was found that is not there")
	}
}
