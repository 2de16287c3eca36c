package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// registerLogins binds the words about logins and what they answer.
func (s *sessionWords) registerLogins(sc *godog.ScenarioContext) {
	s.step(sc, `^the full account logs in$`, func(ctx context.Context) error {
		return s.logIn(ctx, s.full())
	})
	s.step(sc, `^the full account is logged in(?: a second time)?$`, func(ctx context.Context) error {
		return s.mustBeLoggedIn(ctx, s.full())
	})
	s.step(sc, `^the limited account is logged in$`, func(ctx context.Context) error {
		limited := s.manifest.Accounts.Limited
		return s.mustBeLoggedIn(ctx, credentials{limited.Email, limited.Password})
	})
	s.step(sc, `^the full account logs in by the documented curl command$`, s.logInByCurl)
	s.step(sc, `^the login '(.*)' is sent$`, s.thisLoginIsSent)
	s.step(sc, `^"expires_in" is (\d+), or the life that the manifest declares$`, s.expiresInIs)
	s.step(sc, `^the login path is asked with each of "([A-Z, ]+)" that is not declared$`, s.askLoginPathWith)
	s.step(sc, `^it is just (before|after) the access token's end, (\d+) minutes after the (?:login|refresh)$`, s.itIsJust)
}

// logIn sends a login with a user agent of its own and keeps what it buys.
func (s *sessionWords) logIn(ctx context.Context, who credentials) error {
	s.agents++
	agent := fmt.Sprintf("dragoman-conformance/1 (%s-%d)", randomHex(4), s.agents)
	answer, err := s.patiently(ctx, func() (*Answer, error) {
		return s.send(ctx, s.loginRequest(who).with("User-Agent", agent))
	})
	if err != nil {
		return err
	}
	s.keep(answer, agent)
	return nil
}

func (s *sessionWords) mustBeLoggedIn(ctx context.Context, who credentials) error {
	before := len(s.pairs)
	if err := s.logIn(ctx, who); err != nil {
		return err
	}
	if len(s.pairs) == before {
		return fmt.Errorf("expected the login to buy a token pair, got %s", s.last.brief())
	}
	return nil
}

// logInByCurl sends what curl -X POST -d sends: a JSON body that calls itself
// a form.
func (s *sessionWords) logInByCurl(ctx context.Context) error {
	r := s.loginRequest(s.full())
	answer, err := s.send(ctx, r.with("Content-Type", curlContentType).with("User-Agent", "curl/8.5.0"))
	if err != nil {
		return err
	}
	s.keep(answer, "")
	return nil
}

const curlContentType = "application/x-www-form-urlencoded"

// askLoginPathWith leaves out the method that ends a session, where that is
// declared to stand at the login path.
func (s *sessionWords) askLoginPathWith(ctx context.Context, methods string) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	var requests []Request
	for method := range strings.SplitSeq(methods, ", ") {
		if api := s.manifest.SessionsAPI; api != nil && api.End == (manifest.Endpoint{Method: method, Path: s.manifest.Login}) {
			continue
		}
		requests = append(requests, pair.as(withMethod(s.authorize(s.loginRequest(s.full()), pair.access), method)))
	}
	return s.sendEach(ctx, requests...)
}

// thisLoginIsSent sends a body as it stands; EMAIL and PASSWORD in it stand
// for the full account's.
func (s *sessionWords) thisLoginIsSent(ctx context.Context, body string) error {
	r := s.loginRequest(s.full())
	r.Body = strings.NewReplacer("EMAIL", jsonText(s.full().login), "PASSWORD", jsonText(s.full().password)).Replace(body)
	_, err := s.send(ctx, r)
	return err
}

// jsonText is a text as it stands between the quotation marks of JSON.
func jsonText(text string) string {
	quoted, _ := json.Marshal(text) // a string always has a JSON form
	return string(quoted[1 : len(quoted)-1])
}

func (s *sessionWords) expiresInIs(documented int64) error {
	a, err := s.answer()
	if err != nil {
		return err
	}
	expected := int64(s.life(time.Duration(documented)*time.Second) / time.Second)
	got, err := a.wholeNumber("expires_in")
	if err != nil {
		return err
	}
	if got != expected {
		return fmt.Errorf(`expected "expires_in" to be %d, got %d`, expected, got)
	}
	return nil
}

// life is the declared life of an access token, else the documented one.
func (s *sessionWords) life(documented time.Duration) time.Duration {
	if s.manifest.TokenLife > 0 {
		return s.manifest.TokenLife
	}
	return documented
}

func (s *sessionWords) itIsJust(ctx context.Context, side string, minutes int) error {
	pair, err := s.pair("")
	if err != nil {
		return err
	}
	end := endOf(pair.answer, s.life(time.Duration(minutes)*time.Minute))
	if side == "before" {
		return s.justBefore(ctx, end)
	}
	return s.justAfter(ctx, end)
}
