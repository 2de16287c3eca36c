package catalogue_test

import (
	"testing"

	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
)

// TestGuessesResetTheThrottle: a refusal by a throttle that an earlier scenario has tripped
// would prove nothing.
func TestGuessesResetTheThrottle(t *testing.T) {
	t.Parallel()
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		t.Fatal(err)
	}
	guesses := 0
	for _, row := range suite.Requirements {
		for _, s := range row.Scenarios {
			if s.Phase != catalogue.Guess {
				continue
			}
			guesses++
			if first := s.Parts[0].Text; first != "the throttle is reset" {
				t.Errorf("%s:%d: %q begins with %q", s.File, s.Line, s.Name, first)
			}
		}
	}
	if guesses < 40 {
		t.Errorf("only %d scenarios send wrong passwords", guesses)
	}
}
