package steps

import (
	"context"
	"strings"

	"github.com/cucumber/godog"
)

// registerOversize binds the words of SEC-06.
func (s *securityWords) registerOversize(sc *godog.ScenarioContext) {
	s.step(sc, `^the right login is sent with a header of (\d+) KiB$`, s.loginWithHeader)
	s.step(sc, `^the right login is sent with a body of (\d+) MiB$`, s.loginWithBody)
}

func (s *securityWords) loginWithHeader(ctx context.Context, kib int) error {
	r := s.speaker.loginRequest(s.speaker.full())
	return s.oversized(ctx, r.with("X-Filler", strings.Repeat("a", kib<<10)))
}

func (s *securityWords) loginWithBody(ctx context.Context, mib int) error {
	r, err := padded(s.speaker.loginRequest(s.speaker.full()), mib<<20)
	if err != nil {
		return err
	}
	return s.oversized(ctx, r)
}
