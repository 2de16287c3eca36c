package zoo_test

import (
	"runtime"
	"testing"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/conformance/zoo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestZoo is the gate: the reference and every variant pass, every mutant is
// failed for its own reasons, and every requirement fails enough of them.
func TestZoo(t *testing.T) {
	t.Parallel()
	proof := zoo.Prove(t.Context(), 2*runtime.GOMAXPROCS(0), func(f zoo.Finding) {
		t.Logf("%-9s %5.1fs %s", f.Kind, f.Took.Seconds(), f.Name)
	})
	for _, f := range proof.Findings {
		if f.Err != nil {
			t.Errorf("%s %s: %v", f.Kind, f.Name, f.Err)
		}
	}
	for _, gap := range proof.Gaps {
		t.Error(gap)
	}
}
