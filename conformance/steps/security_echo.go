package steps

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/cucumber/godog"
)

// registerEcho binds the words of SEC-04. They use a made-up password, because
// a real one may be a word that stands in answers for another reason, such as
// the login itself.
func (s *securityWords) registerEcho(sc *godog.ScenarioContext) {
	s.step(sc, `^a made-up password is sent for the full account$`, s.madeUpForFull)
	s.step(sc, `^a made-up password is sent for an unknown account$`, s.madeUpForUnknown)
	s.step(sc, `^a made-up password is sent in a login that breaks off$`, s.madeUpInBrokenLogin)
	s.step(sc, `^a made-up password is sent as plain text$`, s.madeUpAsPlainText)
	s.step(sc, `^no answer contains that password$`, s.noAnswerContainsThePassword)
}

// madeUp is the scenario's password. It has no characters that a wire would
// escape.
func (s *securityWords) madeUp() string {
	if s.made == "" {
		s.made = "MadeUp" + randomHex(10)
		s.subject.Secrets.Add("password", s.made)
	}
	return s.made
}

func (s *securityWords) madeUpForFull(ctx context.Context) error {
	return s.sendMadeUp(ctx, s.speaker.full().login)
}

func (s *securityWords) madeUpForUnknown(ctx context.Context) error {
	return s.sendMadeUp(ctx, unknownLike(s.speaker.full().login))
}

func (s *securityWords) sendMadeUp(ctx context.Context, login string) error {
	answer, _, err := s.speaker.login(ctx, credentials{login, s.madeUp()})
	if err != nil {
		return err
	}
	s.answered = append(s.answered, answer)
	return nil
}

// madeUpInBrokenLogin cuts the end off the body, behind the password.
func (s *securityWords) madeUpInBrokenLogin(ctx context.Context) error {
	r := s.madeUpRequest()
	r.Body = strings.TrimRight(r.Body, "}") + "%"
	return s.sendBent(ctx, r)
}

func (s *securityWords) madeUpAsPlainText(ctx context.Context) error {
	r := s.madeUpRequest()
	return s.sendBent(ctx, r.with("Content-Type", "text/plain"))
}

func (s *securityWords) madeUpRequest() Request {
	return s.speaker.loginRequest(credentials{unknownLike(s.speaker.full().login), s.madeUp()})
}

func (s *securityWords) sendBent(ctx context.Context, r Request) error {
	answer, err := s.send(ctx, r)
	if err != nil {
		return err
	}
	s.answered = append(s.answered, answer)
	return nil
}

func (s *securityWords) noAnswerContainsThePassword() error {
	if len(s.answered) == 0 {
		return errors.New("no made-up password was sent before this step")
	}
	forms := []string{s.made, base64.StdEncoding.EncodeToString([]byte(s.made))}
	for _, answer := range s.answered {
		for _, form := range forms {
			if strings.Contains(answer.Body, form) {
				return fmt.Errorf("expected no answer to repeat the password, got it in the body of %s", answer.brief())
			}
			for name, values := range answer.Header {
				if strings.Contains(strings.Join(values, "\n"), form) {
					return fmt.Errorf("expected no answer to repeat the password, got it in the header %s of %s", name, answer.brief())
				}
			}
		}
	}
	return nil
}
