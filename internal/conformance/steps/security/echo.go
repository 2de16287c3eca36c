package security

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
)

// registerEcho binds the steps of SEC-04. They use a made-up password, because
// a real one may be a word that stands in answers for another reason, such as
// the login itself.
func (s *steps) registerEcho() {
	s.Step(`^a made-up password is sent for the full account$`, s.madeUpForFull)
	s.Step(`^a made-up password is sent for an unknown account$`, s.madeUpForUnknown)
	s.Step(`^a made-up password is sent in a truncated login$`, s.madeUpInTruncatedLogin)
	s.Step(`^a made-up password is sent as plain text$`, s.madeUpAsPlainText)
	s.Step(`^the right password is sent$`, s.rightPasswordIsSent)
	s.Step(`^the answer does not contain it$`, s.theAnswerDoesNotContainIt)
	s.Step(`^no answer contains that password$`, s.noAnswerContainsThePassword)
}

func (s *steps) rightPasswordIsSent(ctx context.Context) error {
	var granted *dialect.Grant
	answer, err := s.TryLogin(ctx, func() (answer *exchange.Answer, err error) {
		answer, granted, err = s.Dialect.LogIn(ctx, s.Dialect.Full())
		return answer, err
	})
	s.Last = answer
	_, err = s.mustBeGranted(answer, granted, err)
	return err
}

// theAnswerDoesNotContainIt looks for the right password in a member that is
// named like one, and, where the password is no word that may well stand there
// for another reason, anywhere.
func (s *steps) theAnswerDoesNotContainIt() error {
	a, err := s.Answer()
	if err != nil {
		return err
	}
	who := s.Dialect.Full()
	found := false
	if value, err := a.JSON(); err == nil {
		found = containsPassword(value, who.Password)
	}
	const telling = 8
	login, password := strings.ToLower(who.Login), strings.ToLower(who.Password)
	if len(password) >= telling && !strings.Contains(login, password) && !strings.Contains(password, login) {
		found = found || strings.Contains(a.Body, who.Password) || strings.Contains(a.Body, exchange.JSONText(who.Password))
	}
	if found {
		return fmt.Errorf("expected the answer not to contain the password, got %s", a.Brief())
	}
	return nil
}

// containsPassword looks for a member that is named like a password and holds
// this one.
func containsPassword(value any, password string) bool {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if strings.Contains(strings.ToLower(name), "pass") && member == password || containsPassword(member, password) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(value, func(element any) bool { return containsPassword(element, password) })
	}
	return false
}

// madeUp is the scenario's password. It has no characters that a wire would
// escape.
func (s *steps) madeUp() string {
	if s.made == "" {
		s.made = "MadeUp" + shared.RandomHex(10)
		s.Subject.Secrets.Add("password", s.made)
	}
	return s.made
}

func (s *steps) madeUpForFull(ctx context.Context) error {
	return s.sendMadeUp(ctx, s.Dialect.Full().Login)
}

func (s *steps) madeUpForUnknown(ctx context.Context) error {
	return s.sendMadeUp(ctx, shared.UnknownLike(s.Dialect.Full().Login))
}

func (s *steps) sendMadeUp(ctx context.Context, login string) error {
	answer, _, err := s.Dialect.LogIn(ctx, dialect.Credentials{Login: login, Password: s.madeUp()})
	if err != nil {
		return err
	}
	s.answered = append(s.answered, answer)
	return nil
}

// madeUpInTruncatedLogin cuts the end off the body, behind the password.
func (s *steps) madeUpInTruncatedLogin(ctx context.Context) error {
	r := s.madeUpRequest()
	r.Body = strings.TrimRight(r.Body, "}") + "%"
	return s.sendMalformed(ctx, r)
}

func (s *steps) madeUpAsPlainText(ctx context.Context) error {
	r := s.madeUpRequest()
	return s.sendMalformed(ctx, r.With("Content-Type", "text/plain"))
}

func (s *steps) madeUpRequest() exchange.Request {
	return s.Dialect.LoginRequest(dialect.Credentials{Login: shared.UnknownLike(s.Dialect.Full().Login), Password: s.madeUp()})
}

func (s *steps) sendMalformed(ctx context.Context, r exchange.Request) error {
	answer, err := s.Send(ctx, r)
	if err != nil {
		return err
	}
	s.answered = append(s.answered, answer)
	return nil
}

func (s *steps) noAnswerContainsThePassword() error {
	if len(s.answered) == 0 {
		return errors.New("no made-up password was sent before this step")
	}
	forms := []string{s.made, base64.StdEncoding.EncodeToString([]byte(s.made))}
	for _, answer := range s.answered {
		for _, form := range forms {
			if strings.Contains(answer.Body, form) {
				return fmt.Errorf("expected no answer to repeat the password, got it in the body of %s", answer.Brief())
			}
			for name, values := range exchange.ByName(answer.Header) {
				if strings.Contains(strings.Join(values, "\n"), form) {
					return fmt.Errorf("expected no answer to repeat the password, got it in the header %s of %s", name, answer.Brief())
				}
			}
		}
	}
	return nil
}
