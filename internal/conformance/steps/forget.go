package steps

import (
	"context"
	"fmt"
	"time"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// registerForget binds the step by which a scenario with wrong passwords keeps
// clear of the subject's throttle, so that the wrong passwords of one scenario
// do not count in another. Most throttles forget at a successful login, which
// such scenarios begin with; for those that only wait, the subject's time is
// moved where that is possible without waiting.
func (w *World) registerForget(sc *godog.ScenarioContext, throttle *manifest.Throttle) {
	w.step(sc, `^earlier wrong passwords are forgotten$`, func(ctx context.Context) error {
		if clock := w.subject.Manifest.Clock; throttle == nil || clock == nil || clock.Wait > 0 {
			return nil
		}
		if err := w.advance(ctx, throttle.Wait+time.Second); err != nil {
			return fmt.Errorf("move the subject's time past its throttle: %w", err)
		}
		return nil
	})
}
