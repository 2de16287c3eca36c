package security

import (
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
)

// TestVaryingBits checks that the estimate for random texts is right to one bit,
// and that the estimate for texts that only count upwards is small.
func TestVaryingBits(t *testing.T) {
	t.Parallel()
	const n = 200
	hexes, counted, labelled := make([]string, n), make([]string, n), make([]string, n)
	for i := range n {
		hexes[i] = shared.RandomHex(16)
		counted[i] = strings.Repeat("0", 30) + string(rune('a'+i%26)) + string(rune('a'+i/26))
		labelled[i] = "office_" + shared.RandomHex(15)
	}
	for name, tt := range map[string]struct {
		texts       []string
		least, most float64
	}{
		"128 random bits":         {hexes, 127, 129},
		"120 bits behind a label": {labelled, 119, 121},
		"a count":                 {counted, 1, 9},
		"no difference":           {[]string{"abc", "abc"}, 0, 0},
	} {
		if bits := varyingBits(tt.texts); bits < tt.least || bits > tt.most {
			t.Errorf("%s: expected between %v and %v bits, got %v", name, tt.least, tt.most, bits)
		}
	}
}
