package steps

import (
	"context"
	"errors"

	"github.com/cucumber/godog"
)

// loginWords are the words about refused logins, which are the same in every
// dialect that has one way to log in.
type loginWords struct {
	*World
	speaker speaker
	wrong   attempts // a wrong password, tried twice
	unknown attempts // an unknown account, tried twice
}

func (w *World) registerLogin(sc *godog.ScenarioContext, s speaker) {
	words := &loginWords{World: w, speaker: s}
	words.step(sc, `^the full account logs in with a wrong password$`, words.wrongPassword)
	words.step(sc, `^an unknown account logs in$`, words.unknownAccount)
	words.step(sc, `^a wrong password and an unknown account are each tried twice$`, words.eachTwice)
	words.step(sc, `^both kinds of refusal look alike$`, words.bothLookAlike)
}

// madeUpPassword is a password that nobody has.
func madeUpPassword() string { return "Wrong" + randomHex(6) }

func (l *loginWords) wrongPassword(ctx context.Context) error {
	return l.try(ctx, credentials{l.speaker.full().login, madeUpPassword()})
}

func (l *loginWords) unknownAccount(ctx context.Context) error {
	return l.try(ctx, credentials{unknownLike(l.speaker.full().login), madeUpPassword()})
}

func (l *loginWords) try(ctx context.Context, who credentials) error {
	answer, _, err := l.speaker.login(ctx, who)
	if err != nil {
		return err
	}
	l.last = answer
	return nil
}

// eachTwice takes turns, so that whatever counts attempts counts alike.
func (l *loginWords) eachTwice(ctx context.Context) error {
	full, password := l.speaker.full().login, madeUpPassword()
	l.wrong = attempts{kind: "a wrong password", login: full}
	l.unknown = attempts{kind: "an unknown account", login: unknownLike(full)}
	for i := range 2 {
		for _, kind := range []*attempts{&l.wrong, &l.unknown} {
			answer, _, err := l.speaker.login(ctx, credentials{kind.login, password})
			if err != nil {
				return err
			}
			kind.answers[i] = answer
		}
	}
	return nil
}

func (l *loginWords) bothLookAlike() error {
	if l.wrong.answers[0] == nil {
		return errors.New("no login was tried before this step")
	}
	return lookAlike(l.wrong, l.unknown)
}
