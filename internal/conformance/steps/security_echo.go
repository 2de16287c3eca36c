package steps

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
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
	s.step(sc, `^the right password is sent$`, s.rightPasswordIsSent)
	s.step(sc, `^the answer does not hold it$`, s.theAnswerDoesNotHoldIt)
	s.step(sc, `^no answer contains that password$`, s.noAnswerContainsThePassword)
}

func (s *securityWords) rightPasswordIsSent(ctx context.Context) error {
	var bought *grant
	answer, err := s.patiently(ctx, func() (answer *Answer, err error) {
		answer, bought, err = s.speaker.login(ctx, s.speaker.full())
		return answer, err
	})
	s.last = answer
	_, err = s.granted(answer, bought, err)
	return err
}

// theAnswerDoesNotHoldIt looks for the right password in a member that is
// named like one, and, where the password is no word that may well stand there
// for another reason, anywhere.
func (s *securityWords) theAnswerDoesNotHoldIt() error {
	a, err := s.answer()
	if err != nil {
		return err
	}
	who := s.speaker.full()
	found := false
	if value, err := a.json(); err == nil {
		found = holdsPassword(value, who.password)
	}
	const telling = 8
	login, password := strings.ToLower(who.login), strings.ToLower(who.password)
	if len(password) >= telling && !strings.Contains(login, password) && !strings.Contains(password, login) {
		found = found || strings.Contains(a.Body, who.password) || strings.Contains(a.Body, jsonText(who.password))
	}
	if found {
		return fmt.Errorf("expected the answer not to hold the password, got %s", a.brief())
	}
	return nil
}

// holdsPassword looks for a member that is named like a password and holds
// this one.
func holdsPassword(value any, password string) bool {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if strings.Contains(strings.ToLower(name), "pass") && member == password || holdsPassword(member, password) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(value, func(element any) bool { return holdsPassword(element, password) })
	}
	return false
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
