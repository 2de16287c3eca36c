package subject

import (
	"fmt"
	"strings"
	"testing"
)

// TestOutputCountsLines: of a long output the end is kept, and it is known which lines
// these are.
func TestOutputCountsLines(t *testing.T) {
	t.Parallel()
	var printed output
	const lines = 3 * keptOutput / 10
	for i := range lines {
		fmt.Fprintf(&printed, "line %04d\n", i+1) // 10 bytes each
	}
	text, first := printed.end()
	if len(text) != keptOutput {
		t.Errorf("%d bytes are kept", len(text))
	}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if want := fmt.Sprintf("line %04d", first+i); !strings.HasSuffix(want, line) {
			t.Fatalf("line %d is %q", first+i, line)
		}
	}
}
