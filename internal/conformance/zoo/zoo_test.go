//go:build !race

package zoo_test

import (
	"context"
	"runtime"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo"
)

// prove judges the zoo once for all tests.
var prove = sync.OnceValue(func() *zoo.Proof {
	return zoo.Prove(context.Background(), 2*runtime.GOMAXPROCS(0), func(zoo.Finding) {})
})

// TestZoo is the gate: the reference and every variant pass, every mutant is
// failed for its own reasons, and every requirement fails enough of them. The
// race detector would make it five times as slow; TestZooRaced takes its part.
func TestZoo(t *testing.T) {
	t.Parallel()
	proof := prove()
	for _, f := range proof.Findings {
		t.Logf("%-9s %5.1fs %s", f.Kind, f.Took.Seconds(), f.Name)
		if f.Err == nil {
			continue
		}
		// Hundreds of servers at once can starve one of them. A mistake of the
		// suite shows again when the server is alone.
		t.Logf("%s %s, among others: %v", f.Kind, f.Name, f.Err)
		alone, err := zoo.Try(t.Context(), f.Name)
		if err == nil {
			err = alone.Err
		}
		if err != nil {
			t.Errorf("%s %s, alone: %v", f.Kind, f.Name, err)
		}
	}
	for _, gap := range proof.Gaps {
		t.Error(gap)
	}
}
