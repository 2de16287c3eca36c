package shared

import (
	"context"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// loginSteps are the steps about refused logins, which are the same in every
// dialect that has one way to log in.
type loginSteps struct{ *World }

func (w *World) registerLogin() {
	l := &loginSteps{w}
	l.Step(`^the full account logs in with a wrong password$`, l.wrongPassword)
	for what, change := range NearlyRight() {
		l.Step(`^the full account logs in with `+what+`$`, l.nearlyRight(change))
	}
	l.Step(`^an unknown account logs in$`, l.unknownAccount)
	l.Step(`^a wrong password and an unknown account are each tried twice$`, l.eachTwice)
	l.Step(`^both kinds of refusal are indistinguishable$`, func() error { return l.Refusals.indistinguishable() })
}

func (l *loginSteps) wrongPassword(ctx context.Context) error {
	return l.try(ctx, dialect.Credentials{Login: l.Dialect.Full().Login, Password: MadeUpPassword()})
}

// nearlyRight logs in with a password that is made of the right one.
func (l *loginSteps) nearlyRight(change func(string) string) func(context.Context) error {
	return func(ctx context.Context) error {
		return l.try(ctx, l.NearlyRight(change))
	}
}

// NearlyRight are the full account's credentials with a password that is made of
// the right one, and no less secret.
func (w *World) NearlyRight(change func(string) string) dialect.Credentials {
	who := w.Dialect.Full()
	who.Password = change(who.Password)
	w.Subject.Secrets.Add("made-up-password", who.Password)
	w.Subject.Secrets.AddBasic(who.Login, who.Password)
	return who
}

func (l *loginSteps) unknownAccount(ctx context.Context) error {
	return l.try(ctx, dialect.Credentials{Login: UnknownLike(l.Dialect.Full().Login), Password: MadeUpPassword()})
}

func (l *loginSteps) try(ctx context.Context, who dialect.Credentials) error {
	answer, err := l.attempt(ctx, who)
	if err != nil {
		return err
	}
	l.Last = answer
	return nil
}

// attempt sends a login that is to be refused, but not by a throttle.
func (l *loginSteps) attempt(ctx context.Context, who dialect.Credentials) (*exchange.Answer, error) {
	return l.TryLogin(ctx, func() (*exchange.Answer, error) {
		answer, _, err := l.Dialect.LogIn(ctx, who)
		return answer, err
	})
}

func (l *loginSteps) eachTwice(ctx context.Context) error {
	return l.Refusals.Collect(l.Dialect.Full().Login, func(who dialect.Credentials) (*exchange.Answer, error) {
		return l.attempt(ctx, who)
	})
}
