package security

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// registerGuessing binds the steps of SEC-03.
func (s *steps) registerGuessing() {
	s.Step(`^wrong passwords are tried for the full account, as many as declared$`, func(ctx context.Context) error {
		return s.guess(ctx, s.Dialect.Full().Login)
	})
	s.Step(`^wrong passwords are tried for an unknown account, as many as declared$`, func(ctx context.Context) error {
		return s.guess(ctx, shared.UnknownLike(s.Dialect.Full().Login))
	})
	s.Step(`^wrong passwords are tried for each name of the full account in turn, as many as declared$`, s.guessByEachName)
	s.Step(`^the guessing was slowed or refused$`, s.theGuessingWasSlowed)
	s.Step(`^the right password obtains a token again after the declared wait$`, s.theRightPasswordWorksAfterTheWait)
}

// guess sends wrong passwords until one is answered by a throttle: as many as the
// manifest declares, and one more, which has to be.
func (s *steps) guess(ctx context.Context, login string) error {
	return s.guessBy(func(who dialect.Credentials) (*exchange.Answer, *dialect.Grant, error) {
		who.Login = login
		return s.Dialect.LogIn(exchange.WithoutWaits(ctx), who)
	})
}

// guessByEachName writes the name of the full account in another way each time,
// and takes turns with the transports. That letter case does not count is what the
// right password shows first; where it does, another spelling is another account.
func (s *steps) guessByEachName(ctx context.Context) error {
	full := s.Dialect.Full()
	spell := func(int) string { return full.Login }
	var granted *dialect.Grant
	_, err := s.TryLogin(ctx, func() (answer *exchange.Answer, err error) {
		answer, granted, err = s.Dialect.LogIn(ctx, dialect.Credentials{Login: spelling(full.Login, -1), Password: full.Password})
		return answer, err
	})
	if err != nil {
		return err
	}
	if granted != nil {
		spell = func(number int) string { return spelling(full.Login, number) }
	}
	rpc, isRPC := s.Dialect.(*dialect.RPC)
	number := 0
	return s.guessBy(func(who dialect.Credentials) (*exchange.Answer, *dialect.Grant, error) {
		number++
		who.Login = spell(number)
		if isRPC && number%2 == 0 {
			return rpc.LogInOverOther(exchange.WithoutWaits(ctx), who)
		}
		return s.Dialect.LogIn(exchange.WithoutWaits(ctx), who)
	})
}

// spelling is a name with capital letters where a number has bits.
func spelling(name string, number int) string {
	bit := 0
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return r
		}
		capital := number>>bit&1 == 1
		if bit++; capital {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, name)
}

func (s *steps) guessBy(logIn func(dialect.Credentials) (*exchange.Answer, *dialect.Grant, error)) error {
	limit, err := s.declaredLimit()
	if err != nil {
		return err
	}
	s.throttle, s.guesses = limit, nil
	for range limit.Attempts + 1 {
		answer, grant, err := logIn(dialect.Credentials{Password: shared.MadeUpPassword()})
		if err != nil {
			return err
		}
		if s.Last = answer; grant != nil {
			return fmt.Errorf("expected a wrong password to obtain no token, got %s", answer.Brief())
		}
		s.guesses = append(s.guesses, answer)
		if s.throttled(answer) {
			return nil
		}
	}
	return nil
}

// declaredLimit is the throttle of the judged dialect.
func (s *steps) declaredLimit() (*manifest.Throttle, error) {
	declared := s.Subject.Manifest.Throttle(s.DialectName)
	if declared == nil {
		return nil, errors.New("the manifest declares no throttle for this dialect")
	}
	return declared, nil
}

// throttled says whether an answer is a throttle's: 429 with Retry-After, or
// the dialect's own code for a locked account.
func (s *steps) throttled(a *exchange.Answer) bool {
	return a.Status == http.StatusTooManyRequests && a.Header.Get("Retry-After") != "" || s.Dialect.Locked(a)
}

// theGuessingWasSlowed wants the last answer to be a throttle's, or each of the
// last three to have taken a second longer than the first.
func (s *steps) theGuessingWasSlowed() error {
	n := len(s.guesses)
	if n == 0 {
		return errors.New("no password was guessed before this step")
	}
	last := s.guesses[n-1]
	if s.throttled(last) {
		return nil
	}
	if n > 3 {
		slowed := true
		for _, answer := range s.guesses[n-3:] {
			slowed = slowed && answer.Took > s.guesses[0].Took+time.Second
		}
		if slowed {
			return nil
		}
	}
	if last.Status == http.StatusTooManyRequests {
		return fmt.Errorf("expected a Retry-After header beside 429, got none in %s", last.Brief())
	}
	return fmt.Errorf("expected 429 with Retry-After, the dialect's code for a locked account, or a growing delay after the %d wrong passwords of throttle.attempts; password %d was answered %s after %s",
		n-1, n, last.Brief(), humanize.Duration(last.Took))
}

func (s *steps) theRightPasswordWorksAfterTheWait(ctx context.Context) error {
	const margin = time.Second
	if s.throttle == nil {
		return errors.New("no password was guessed before this step")
	}
	if err := s.Wait(ctx, s.throttle.Wait+margin); err != nil {
		return err
	}
	_, err := s.loginAtOnce(exchange.WithoutWaits(ctx), s.Dialect.Full()) // without waiting for a throttle
	return err
}
