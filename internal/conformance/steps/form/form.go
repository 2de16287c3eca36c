// Package form holds the steps of the form dialect.
package form

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
)

// steps are the dialect's own steps, and what a scenario knows.
type steps struct {
	*shared.World
	dialect.Form
	declared *manifest.Form
	tokens   []*formToken // in the order in which they were issued
}

// formToken is what a login or an extension obtained.
type formToken struct {
	value  string
	answer *exchange.Answer
	long   bool
}

// Register binds the steps for one scenario.
func Register(w *shared.World, client dialect.Form) {
	f := &steps{World: w, Form: client, declared: w.Subject.Manifest.Dialects.Form}
	f.registerLogins()
	f.registerResource()
	f.registerTokens()
	f.registerTimes()
}

// token finds a token by its ordinal; "" is the newest.
func (f *steps) token(ordinal string) (*formToken, error) {
	if len(f.tokens) == 0 {
		return nil, errors.New("no token was issued before this step")
	}
	if ordinal == "" {
		return f.tokens[len(f.tokens)-1], nil
	}
	i, known := shared.Ordinal(ordinal)
	if !known || i >= len(f.tokens) {
		return nil, fmt.Errorf("there is no %s token; %d were issued", ordinal, len(f.tokens))
	}
	return f.tokens[i], nil
}

// sendAndKeep sends a request and remembers the token that it obtains,
// if it does.
func (f *steps) sendAndKeep(ctx context.Context, r exchange.Request, long bool) error {
	answer, err := f.Send(ctx, r)
	if err != nil {
		return err
	}
	f.keep(answer, long)
	return nil
}

// keep remembers the token that an answer grants, if it does.
func (f *steps) keep(a *exchange.Answer, long bool) {
	if g := f.Granted(a); g != nil {
		f.tokens = append(f.tokens, &formToken{value: g.Access, answer: a, long: long})
	}
}
