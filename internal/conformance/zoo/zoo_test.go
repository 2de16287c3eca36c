package zoo_test

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // hundreds of small servers come and go
	goleak.VerifyTestMain(m)
}

// prove judges the zoo once for all tests.
var prove = sync.OnceValue(func() *zoo.Proof {
	return zoo.Prove(context.Background(), 2*runtime.GOMAXPROCS(0), func(zoo.Finding) {})
})

// TestZoo is the gate: the reference and every variant pass, every mutant is
// failed for its own reasons, and every requirement fails enough of them.
func TestZoo(t *testing.T) {
	if raced {
		t.Skip("the race detector makes it five times as slow; TestZooRaced takes its part")
	}
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

// TestZooRaced looks for races in what all servers of the zoo are made of: it
// judges some of each kind.
func TestZooRaced(t *testing.T) {
	if !raced {
		t.Skip("this is for the race detector; TestZoo judges all")
	}
	names := []string{"reference"}
	const every = 16
	for i, m := range zoo.Mutants() {
		if i%every == 0 {
			names = append(names, m.Name)
		}
	}
	for i, v := range zoo.Variants() {
		if i%every == 0 {
			names = append(names, v.Name)
		}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := zoo.Try(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			if f.Err != nil {
				t.Error(f.Err)
			}
		})
	}
}
