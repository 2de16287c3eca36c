package security

import (
	"context"
	"strings"
)

// registerOversize binds the steps of SEC-06: logins with a header or a body that
// is too large.
func (s *steps) registerOversize() {
	s.Step(`^the right login is sent with a header of (\d+) KiB$`, s.loginWithHeader)
	s.Step(`^the right login is sent with a body of (\d+) MiB$`, s.loginWithBody)
}

func (s *steps) loginWithHeader(ctx context.Context, kib int) error {
	r := s.Dialect.LoginRequest(s.Dialect.Full())
	return s.SendOversized(ctx, r.With("X-Filler", strings.Repeat("a", kib<<10)))
}

func (s *steps) loginWithBody(ctx context.Context, mib int) error {
	r, err := s.Dialect.LoginRequest(s.Dialect.Full()).Padded(mib << 20)
	if err != nil {
		return err
	}
	return s.SendOversized(ctx, r)
}
