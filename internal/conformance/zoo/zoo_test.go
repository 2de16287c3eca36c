//go:build !race

package zoo_test

import (
	"context"
	"runtime"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo"
	"github.com/dragoman-auth/dragoman/internal/needs"
)

// prove judges the zoo once for all tests. Many servers at once, because a part
// of each judgement waits for seconds that have to pass. Outside CI a mutant is judged by
// the rows that it breaks and a quarter of the others.
var prove = sync.OnceValue(func() *zoo.Proof {
	plan := zoo.Plan{Workers: 4 * runtime.GOMAXPROCS(0), Every: 4}
	if needs.Whole() {
		plan.Every = 1
	}
	return zoo.Prove(context.Background(), plan, func(zoo.Trial) {})
})

// TestZoo is the gate: the reference and every variant pass, every mutant is
// failed for its own reasons, and every requirement fails enough of them.
func TestZoo(t *testing.T) {
	t.Parallel()
	proof := prove()
	for _, f := range proof.Trials {
		t.Logf("%-9s %5.1fs %s", f.Kind, f.Took.Seconds(), f.Name)
		if f.Untried != "" {
			t.Run(f.Name, func(t *testing.T) { needs.Host(t, f.Untried) })
		}
		if f.Err != nil {
			t.Errorf("%s %s: %v", f.Kind, f.Name, f.Err)
		}
	}
	for _, gap := range proof.Gaps {
		t.Error(gap)
	}
}
