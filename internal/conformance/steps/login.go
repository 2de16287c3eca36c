package steps

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

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
	for what, bend := range bends {
		words.step(sc, `^the full account logs in with `+what+`$`, words.nearly(bend))
	}
	words.step(sc, `^an unknown account logs in$`, words.unknownAccount)
	words.step(sc, `^a wrong password and an unknown account are each tried twice$`, words.eachTwice)
	words.step(sc, `^both kinds of refusal look alike$`, words.bothLookAlike)
}

// bends make a password that is nearly right of the right one.
var bends = map[string]func(string) string{
	"an empty password":                       func(string) string { return "" },
	"the right password and one letter more":  func(password string) string { return password + "x" },
	"the right password less its last letter": func(password string) string { return strings.TrimSuffix(password, lastLetter(password)) },
	"the right password in other letter case": otherCase,
}

// otherCase turns capital letters into small ones and the other way round. A
// password without letters gets one more.
func otherCase(password string) string {
	turned := strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, password)
	if turned == password {
		return password + "X"
	}
	return turned
}

// madeUpPassword is a password that nobody has.
func madeUpPassword() string { return "Wrong" + randomHex(6) }

func (l *loginWords) wrongPassword(ctx context.Context) error {
	return l.try(ctx, credentials{l.speaker.full().login, madeUpPassword()})
}

// nearly logs in with a password that is made of the right one.
func (l *loginWords) nearly(bend func(string) string) func(context.Context) error {
	return func(ctx context.Context) error {
		who := l.speaker.full()
		return l.try(ctx, credentials{who.login, bend(who.password)})
	}
}

func lastLetter(text string) string {
	_, size := utf8.DecodeLastRuneInString(text)
	return text[len(text)-size:]
}

func (l *loginWords) unknownAccount(ctx context.Context) error {
	return l.try(ctx, credentials{unknownLike(l.speaker.full().login), madeUpPassword()})
}

func (l *loginWords) try(ctx context.Context, who credentials) error {
	answer, err := l.attempt(ctx, who)
	if err != nil {
		return err
	}
	l.last = answer
	return nil
}

// attempt sends a login that is to be refused, but not by a throttle.
func (l *loginWords) attempt(ctx context.Context, who credentials) (*Answer, error) {
	return l.patiently(ctx, func() (*Answer, error) {
		answer, _, err := l.speaker.login(ctx, who)
		return answer, err
	})
}

// eachTwice takes turns, so that whatever counts attempts counts alike.
func (l *loginWords) eachTwice(ctx context.Context) error {
	full, password := l.speaker.full().login, madeUpPassword()
	l.wrong = attempts{kind: "a wrong password", login: full}
	l.unknown = attempts{kind: "an unknown account", login: unknownLike(full)}
	for i := range 2 {
		for _, kind := range []*attempts{&l.wrong, &l.unknown} {
			answer, err := l.attempt(ctx, credentials{kind.login, password})
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
