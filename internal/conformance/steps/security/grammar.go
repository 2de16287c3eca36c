package security

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// registerGrammar binds the steps of SEC-08 and SEC-09.
func (s *steps) registerGrammar() {
	s.Step(`^the protected resource is asked for by HEAD (with the|without a) token$`, s.askedByHead)
	s.Step(`^the status is that of GET$`, s.statusIsThatOfGET)
	s.Step(`^the protected resource is asked for with the Authorization "([^"]*)"$`, s.askedWithAuthorization)
}

// askedByHead asks by GET first: what that answers is the measure.
func (s *steps) askedByHead(ctx context.Context, token string) error {
	if s.grant == nil {
		return errNoGrant
	}
	r := s.Dialect.Protected()
	if token == "with the" {
		r = s.Dialect.Authorize(r, s.grant.Access)
	}
	return s.SendEach(ctx, r, r.WithMethod(http.MethodHead))
}

func (s *steps) statusIsThatOfGET() error {
	a, err := s.Answer()
	if err != nil {
		return err
	}
	if want := s.Several[0].Status; a.Status != want {
		return fmt.Errorf("expected HEAD to be answered with the status of GET, %d, got %d %s", want, a.Status, http.StatusText(a.Status))
	}
	return nil
}

// askedWithAuthorization writes the token where the text says TOKEN.
func (s *steps) askedWithAuthorization(ctx context.Context, text string) error {
	if s.grant == nil {
		return errNoGrant
	}
	_, err := s.Send(ctx, s.Dialect.Protected().With("Authorization", strings.ReplaceAll(text, "TOKEN", s.grant.Access)))
	return err
}
