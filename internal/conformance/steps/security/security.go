// Package security holds the steps of the SEC rows, which are the same in every
// dialect: what the dialect sends comes in as its client.
package security

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// steps are the steps of the SEC rows, and what a scenario knows.
type steps struct {
	*shared.World
	grant    *dialect.Grant     // what "a login obtained a token" means
	grants   []*dialect.Grant   // of many logins or renewals
	guesses  []*exchange.Answer // answers to wrong passwords, in order
	made     string             // the made-up password of SEC-04
	answered []*exchange.Answer // answers that were given to it
	throttle *manifest.Throttle
}

// Register binds the steps for one scenario.
func Register(w *shared.World) {
	s := &steps{World: w}
	s.Step(`^a login obtained a token$`, s.aLoginObtainedAToken)
	s.Step(`^the right password obtains a token$`, s.theRightPasswordObtainsAToken)
	s.Step(`^the token grants access to the protected resource$`, s.theTokenGrantsAccess)
	s.Step(`^the token in the query string as "([^"]*)" grants no access$`, s.theTokenInTheQueryGrantsNoAccess)
	s.Step(`^the login path is asked with the method "([A-Z]+)"$`, s.theLoginPathIsAskedWith)
	s.registerStrength()
	s.registerGuessing()
	s.registerEcho()
	s.registerConcurrent()
	s.registerOversize()
	s.registerGrammar()
}

func (s *steps) aLoginObtainedAToken(ctx context.Context) error {
	grant, err := s.mustLogIn(ctx, s.Dialect.Full())
	s.grant = grant
	return err
}

// theRightPasswordObtainsAToken is a control: it leaves the kept token alone.
func (s *steps) theRightPasswordObtainsAToken(ctx context.Context) error {
	return s.AfterWrongPasswords(func() (*exchange.Answer, error) {
		var granted *dialect.Grant
		answer, err := s.TryLogin(ctx, func() (answer *exchange.Answer, err error) {
			answer, granted, err = s.Dialect.LogIn(ctx, s.Dialect.Full())
			return answer, err
		})
		_, err = s.mustBeGranted(answer, granted, err)
		return answer, err
	})
}

// mustLogIn logs in and takes a refusal for an error.
func (s *steps) mustLogIn(ctx context.Context, who dialect.Credentials) (*dialect.Grant, error) {
	_, granted, err := s.logIn(ctx, who)
	return granted, err
}

// logIn is mustLogIn with the answer.
func (s *steps) logIn(ctx context.Context, who dialect.Credentials) (answer *exchange.Answer, granted *dialect.Grant, err error) {
	answer, err = s.TryLogin(ctx, func() (answer *exchange.Answer, err error) {
		answer, granted, err = s.Dialect.LogIn(ctx, who)
		return answer, err
	})
	granted, err = s.mustBeGranted(answer, granted, err)
	return answer, granted, err
}

// loginAtOnce is mustLogIn where a throttle is no excuse.
func (s *steps) loginAtOnce(ctx context.Context, who dialect.Credentials) (*dialect.Grant, error) {
	return s.mustBeGranted(s.Dialect.LogIn(ctx, who))
}

func (s *steps) mustBeGranted(answer *exchange.Answer, granted *dialect.Grant, err error) (*dialect.Grant, error) {
	if err == nil && granted == nil {
		err = fmt.Errorf("expected the right password to obtain a token, got %s", answer.Brief())
	}
	return granted, err
}

var errNoGrant = errors.New("no login obtained a token before this step")

func (s *steps) theTokenGrantsAccess(ctx context.Context) error {
	if s.grant == nil {
		return errNoGrant
	}
	return s.grantsAccess(ctx, s.grant.Access)
}

func (s *steps) grantsAccess(ctx context.Context, token string) error {
	answer, err := s.Dialect.Access(ctx, token)
	if err != nil {
		return err
	}
	if !answer.Accepted() {
		return fmt.Errorf("expected the token to grant access to the protected resource, got %s", answer.Brief())
	}
	return nil
}

// theTokenInTheQueryGrantsNoAccess blames the token only where a garbled one in
// its place is refused: a resource that everybody has access to is for another
// row.
func (s *steps) theTokenInTheQueryGrantsNoAccess(ctx context.Context, name string) error {
	if s.grant == nil {
		return errNoGrant
	}
	answer, err := s.Send(ctx, s.Dialect.Protected().WithQuery(name, s.grant.Access))
	if err != nil {
		return err
	}
	if !answer.Accepted() {
		return nil
	}
	garbled, err := s.Send(ctx, s.Dialect.Protected().WithQuery(name, tokens.Garble(s.grant.Access)))
	if err != nil {
		return err
	}
	if garbled.Accepted() {
		return nil
	}
	return fmt.Errorf("expected the query %s=<token> to grant no access, got %s", name, answer.Brief())
}

// theLoginPathIsAskedWith sends the right login with another method, and a
// live token beside it, so that neither can be why it is refused.
func (s *steps) theLoginPathIsAskedWith(ctx context.Context, method string) error {
	if s.grant == nil {
		return errNoGrant
	}
	r := s.Dialect.Authorize(s.Dialect.LoginRequest(s.Dialect.Full()), s.grant.Access)
	_, err := s.Send(ctx, r.WithMethod(method))
	return err
}
