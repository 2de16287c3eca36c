package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
)

// registerLogins binds the steps about logins and what they answer.
func (s *steps) registerLogins() {
	s.Step(`^the full account logs in$`, func(ctx context.Context) error {
		return s.logIn(ctx, s.Full())
	})
	s.Step(`^the full account is logged in(?: a second time)?$`, func(ctx context.Context) error {
		return s.mustBeLoggedIn(ctx, s.Full())
	})
	s.Step(`^the limited account is logged in$`, func(ctx context.Context) error {
		limited := s.declared.Accounts.Limited
		return s.mustBeLoggedIn(ctx, dialect.Credentials{Login: limited.Email, Password: limited.Password})
	})
	s.Step(`^the full account logs in by the documented curl command$`, s.logInByCurl)
	s.Step(`^the login '(.*)' is sent$`, s.thisLoginIsSent)
	s.Step(`^"expires_in" is (\d+), or the life that the manifest declares$`, s.expiresInIs)
	s.Step(`^"([^"]*)" is "([^"]*)", or as "([^"]*)" in the login$`, s.isTextOrAsInLogin)
	s.Step(`^"([^"]*)" is a whole number, or like "([^"]*)" in the login$`, s.isNumberOrLikeInLogin)
	s.Step(`^the login path is asked with each of "([A-Z, ]+)" that is not declared$`, s.askLoginPathWith)
	s.Step(`^it is just (before|after) the access token's end, (\d+) minutes after the (?:login|refresh)$`, s.itIsJust)
}

// logIn sends a login with a user agent of its own and keeps what it obtains.
func (s *steps) logIn(ctx context.Context, who dialect.Credentials) error {
	s.agents++
	agent := fmt.Sprintf("dragoman-conformance/1 (%s-%d)", shared.RandomHex(4), s.agents)
	answer, err := s.TryLogin(ctx, func() (*exchange.Answer, error) {
		return s.Send(ctx, s.LoginRequest(who).With("User-Agent", agent))
	})
	if err != nil {
		return err
	}
	s.keep(answer, agent)
	return nil
}

func (s *steps) mustBeLoggedIn(ctx context.Context, who dialect.Credentials) error {
	before := len(s.pairs)
	if err := s.logIn(ctx, who); err != nil {
		return err
	}
	if len(s.pairs) == before {
		return fmt.Errorf("expected the login to obtain a token pair, got %s", s.Last.Brief())
	}
	return nil
}

// logInByCurl sends what curl -X POST -d sends: a JSON body that calls itself
// a form.
func (s *steps) logInByCurl(ctx context.Context) error {
	r := s.LoginRequest(s.Full())
	answer, err := s.Send(ctx, r.With("Content-Type", curlContentType).With("User-Agent", "curl/8.5.0"))
	if err != nil {
		return err
	}
	s.keep(answer, "")
	return nil
}

const curlContentType = "application/x-www-form-urlencoded"

// askLoginPathWith leaves out the method that ends a session, where that is
// declared to stand at the login path.
func (s *steps) askLoginPathWith(ctx context.Context, methods string) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	var requests []exchange.Request
	for method := range strings.SplitSeq(methods, ", ") {
		if api := s.declared.SessionsAPI; api != nil && api.End == (manifest.Endpoint{Method: method, Path: s.declared.Login}) {
			continue
		}
		requests = append(requests, pair.as(s.Authorize(s.LoginRequest(s.Full()), pair.Access).WithMethod(method)))
	}
	return s.SendEach(ctx, requests...)
}

// thisLoginIsSent sends a body as it stands; EMAIL and PASSWORD in it stand
// for the full account's.
func (s *steps) thisLoginIsSent(ctx context.Context, body string) error {
	r := s.LoginRequest(s.Full())
	r.Body = strings.NewReplacer("EMAIL", exchange.JSONText(s.Full().Login), "PASSWORD", exchange.JSONText(s.Full().Password)).Replace(body)
	_, err := s.Send(ctx, r)
	return err
}

func (s *steps) expiresInIs(documented int64) error {
	a, err := s.Answer()
	if err != nil {
		return err
	}
	expected := int64(s.life(time.Duration(documented)*time.Second) / time.Second)
	got, err := a.WholeNumber("expires_in")
	if err != nil {
		return err
	}
	if got != expected {
		return fmt.Errorf(`expected "expires_in" to be %d, got %d`, expected, got)
	}
	return nil
}

// life is the declared life of an access token, else the documented one.
func (s *steps) life(documented time.Duration) time.Duration {
	if s.declared.TokenLife > 0 {
		return s.declared.TokenLife
	}
	return documented
}

func (s *steps) itIsJust(ctx context.Context, side string, minutes int) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	end := pair.answer.EndAfter(s.life(time.Duration(minutes) * time.Minute))
	if side == "before" {
		return s.JustBefore(ctx, end)
	}
	return s.JustAfter(ctx, end)
}

// isTextOrAsInLogin is content with what the first login answered, which is for
// another row to judge.
func (s *steps) isTextOrAsInLogin(member, expected, inLogin string) error {
	wrong := s.MemberIsText(member, expected)
	got, login, err := s.besideLogin(member, inLogin)
	if err == nil && got != nil && exchange.Canonical(got) == exchange.Canonical(login) {
		return nil
	}
	return wrong
}

// isNumberOrLikeInLogin is content with the same kind of value.
func (s *steps) isNumberOrLikeInLogin(member, inLogin string) error {
	wrong := s.MemberIsWholeNumber(member)
	got, login, err := s.besideLogin(member, inLogin)
	if err == nil && got != nil && fmt.Sprintf("%T", got) == fmt.Sprintf("%T", login) {
		return nil
	}
	return wrong
}

// besideLogin are a member of the last answer and one of the first login's.
func (s *steps) besideLogin(member, inLogin string) (got, login any, err error) {
	first, err := s.pair("first")
	if err != nil {
		return nil, nil, err
	}
	a, err := s.Answer()
	if err != nil {
		return nil, nil, err
	}
	if got, _, err = a.Member(member); err != nil {
		return nil, nil, err
	}
	login, _, err = first.answer.Member(inLogin)
	return got, login, err
}
