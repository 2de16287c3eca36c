//go:build !race

package zoo_test

import (
	"fmt"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo"
	"github.com/dragoman-auth/dragoman/internal/needs"
)

// TestCrowdsAndOrdersChangeNothing: servers in which one scenario is in another's
// way are failed for the same reasons however many scenarios run at once, and in
// whatever order. In CI each is judged in each way, elsewhere in one.
func TestCrowdsAndOrdersChangeNothing(t *testing.T) {
	t.Parallel()
	ways := []conformance.Options{{Workers: 8}, {Workers: 3, Shuffle: true, Seed: 7}, {Workers: 1, Shuffle: true, Seed: 8}}
	for i, name := range []string{
		"session/login-ends-others", "session/next-login-pays", "session/end-ends-all", "form/one-token-per-user",
		"rpc/anonymous-costs-next", "rpc/close-logs-out-everywhere", "scoped/revokes-all", "scoped/oversized-poisons-next",
	} {
		for j, o := range ways {
			if !needs.Whole() && j != i%len(ways) {
				continue
			}
			t.Run(fmt.Sprintf("%s, %d at once, seed %d", name, o.Workers, o.Seed), func(t *testing.T) {
				t.Parallel()
				f, err := zoo.Try(t.Context(), name, o)
				if err != nil {
					t.Fatal(err)
				}
				if f.Err != nil {
					t.Error(f.Err)
				}
			})
		}
	}
}
