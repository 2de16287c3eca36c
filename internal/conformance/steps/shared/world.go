// Package shared holds what the steps of all dialects are made of: the state of
// one scenario, and the steps that every dialect has, about answers, about
// refused logins, about tokens that are where none should be, about the ends of
// lives, and about earlier wrong passwords.
package shared

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// World is the state of one scenario. The steps of a scenario run one after
// another; steps that start several requests at once guard what they share.
type World struct {
	*exchange.Client
	Dialect dialect.Client     // what the scenario's dialect sends
	Last    *exchange.Answer   // the answer that "it" and "the answer" mean
	Several []*exchange.Answer // the answers that "each" means

	Refusals Refusals // what "both kinds of refusal" means

	scenario    *godog.ScenarioContext
	expressions Selection
	deadline    time.Time // by when the next exchange is to be over; zero is never
}

// NewWorld starts a scenario, and binds the steps that every dialect has.
func NewWorld(scenario *godog.ScenarioContext, expressions Selection, on *exchange.Client, client dialect.Client) *World {
	w := &World{Client: on, Dialect: client, scenario: scenario, expressions: expressions}
	scenario.StepContext().After(w.noteUnguarded)
	w.registerAnswer()
	w.registerLogin()
	w.registerThrottleReset()
	return w
}

// noteUnguarded looks, where a step has failed, whether its answer needed credentials.
func (w *World) noteUnguarded(ctx context.Context, _ *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
	if status == godog.StepFailed && err != nil && w.Last != nil && w.NeedsNone(ctx, w.Last) {
		return exchange.Unguarded(ctx), nil
	}
	return ctx, nil
}

// Step binds a step: what it does is a function as godog takes it.
func (w *World) Step(expression string, does any) {
	if compiled := w.expressions.pick(expression); compiled != nil {
		w.scenario.Step(compiled, does)
	}
}

// AtEnd calls a function at the end of the scenario, which fails by its error.
func (w *World) AtEnd(do func() error) {
	w.scenario.After(func(ctx context.Context, _ *godog.Scenario, err error) (context.Context, error) {
		return ctx, errors.Join(err, do())
	})
}

// Answer is the last answer, or an error in a scenario that has none yet.
func (w *World) Answer() (*exchange.Answer, error) {
	if w.Last == nil {
		return nil, fmt.Errorf("no request was sent before this step")
	}
	return w.Last, nil
}

// Send does one exchange and makes it the last one. It is an error when no
// answer comes at all, or too late.
func (w *World) Send(ctx context.Context, r exchange.Request) (*exchange.Answer, error) {
	answer, err := w.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	return answer, w.Keep(answer)
}

// Keep makes an answer the last one. A deadline that JustBefore has set is for
// this one only; the error says that it came too late.
func (w *World) Keep(a *exchange.Answer) error {
	deadline := w.deadline
	w.Last, w.deadline = a, time.Time{}
	err := a.InTime(deadline)
	var late *exchange.TooLateError
	if errors.As(err, &late) {
		w.Subject.Late(late.By)
	}
	return err
}

// SendOversized does one exchange with a request that the subject is expected
// to cut short, and makes it the last one.
func (w *World) SendOversized(ctx context.Context, r exchange.Request) error {
	answer, err := w.DoOversized(ctx, r)
	if err != nil {
		return err
	}
	w.Last = answer
	return nil
}

// SendEach does several exchanges, one after another; "each" then means their
// answers, and "it" the last.
func (w *World) SendEach(ctx context.Context, requests ...exchange.Request) error {
	w.Several = nil
	for _, r := range requests {
		answer, err := w.Send(ctx, r)
		if err != nil {
			return err
		}
		w.Several = append(w.Several, answer)
	}
	return nil
}

// TryLogin sends a login that is not about throttling, as PastThrottle does. It
// leaves the last answer alone.
func (w *World) TryLogin(ctx context.Context, login func() (*exchange.Answer, error)) (*exchange.Answer, error) {
	return w.PastThrottle(ctx, w.Dialect.Locked, login)
}

// Ordinal is the index that "first", "second" or "third" stands for; false says
// that it is none of them.
func Ordinal(word string) (int, bool) {
	at := slices.Index([]string{"first", "second", "third"}, word)
	return at, at >= 0
}
