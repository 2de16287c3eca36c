package shared

import (
	"context"
	"fmt"
	"time"
)

// registerThrottleReset binds the step by which a scenario with wrong passwords
// keeps clear of the subject's throttle, so that the wrong passwords of one
// scenario do not count in another. Most throttles reset at a successful login,
// which such scenarios begin with; for those that only wait, the subject's time
// is moved where that is possible without waiting.
func (w *World) registerThrottleReset() {
	throttle, clock := w.Subject.Manifest.Throttle(w.DialectName), w.Subject.Manifest.Clock
	w.Step(`^the throttle is reset$`, func(ctx context.Context) error {
		if throttle == nil || clock == nil || clock.Wait > 0 {
			return nil
		}
		if err := w.Advance(ctx, throttle.Wait+time.Second); err != nil {
			return fmt.Errorf("move the subject's time past its throttle: %w", err)
		}
		return nil
	})
}
