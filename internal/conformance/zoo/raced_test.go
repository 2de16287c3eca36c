//go:build race

package zoo_test

import (
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo"
)

// TestZooRaced looks for races in what all servers of the zoo are made of: it
// judges some of each kind, with many scenarios at once. TestZoo judges all.
func TestZooRaced(t *testing.T) {
	names := []string{"reference"}
	const every = 40
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
			f, err := zoo.Try(t.Context(), name, conformance.Options{Workers: 8})
			if err != nil {
				t.Fatal(err)
			}
			if f.Err != nil {
				t.Error(f.Err)
			}
		})
	}
}
