package steps

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/cucumber/godog"
)

// registerResource binds the words about the protected resource.
func (f *formWords) registerResource(sc *godog.ScenarioContext) {
	f.step(sc, `^the resource is asked for with the (?:(first|second) )?token$`, func(ctx context.Context, ordinal string) error {
		return f.sendWith(ctx, ordinal, func(token string) Request { return f.authorize(f.protected(), token) })
	})
	f.step(sc, `^the resource is asked for without a token$`, func(ctx context.Context) error {
		_, err := f.send(ctx, f.protected())
		return err
	})
	f.step(sc, `^the resource is asked for with empty and made-up tokens$`, func(ctx context.Context) error {
		var requests []Request
		for _, token := range madeUpTokens() {
			requests = append(requests, f.authorize(f.protected(), token))
		}
		return f.sendEach(ctx, requests...)
	})
	f.step(sc, `^the resource is asked for with garbled forms of the token$`, func(ctx context.Context) error {
		return f.sendGarbled(ctx, func(token string) Request { return f.authorize(f.protected(), token) })
	})
}

// registerTokens binds the words about the other methods of the login path.
func (f *formWords) registerTokens(sc *godog.ScenarioContext) {
	f.step(sc, `^GET asks for the (?:(first|second) )?token$`, func(ctx context.Context, ordinal string) error {
		return f.sendWith(ctx, ordinal, f.validateRequest)
	})
	f.step(sc, `^GET asks for garbled forms of the token$`, func(ctx context.Context) error {
		return f.sendGarbled(ctx, f.validateRequest)
	})
	f.step(sc, `^GET asks for the token "([^"]*)"$`, func(ctx context.Context, token string) error {
		_, err := f.send(ctx, f.validateRequest(token))
		return err
	})
	f.step(sc, `^PUT extends the (?:(first|second) )?token$`, func(ctx context.Context, ordinal string) error {
		return f.extend(ctx, ordinal, false)
	})
	f.step(sc, `^PUT extends the token with longtoken true$`, func(ctx context.Context) error {
		return f.extend(ctx, "", true)
	})
	f.step(sc, `^DELETE ends the (?:(first|second) )?token$`, func(ctx context.Context, ordinal string) error {
		return f.sendWith(ctx, ordinal, f.endRequest)
	})
	f.step(sc, `^"token", "validTo" and "user" are exactly those of the login$`, f.exactlyAsTheLogin)
	f.step(sc, `^both tokens differ$`, f.tokensDiffer)
}

// sendWith sends a request that is made of a token.
func (f *formWords) sendWith(ctx context.Context, ordinal string, with func(token string) Request) error {
	token, err := f.token(ordinal)
	if err != nil {
		return err
	}
	_, err = f.send(ctx, with(token.value))
	return err
}

func (f *formWords) sendGarbled(ctx context.Context, with func(token string) Request) error {
	token, err := f.token("")
	if err != nil {
		return err
	}
	var requests []Request
	for _, garbled := range garblings(token.value) {
		requests = append(requests, with(garbled))
	}
	return f.sendEach(ctx, requests...)
}

// extend keeps what the extension answers as the newest token: whether it is
// the same one or another is not judged.
func (f *formWords) extend(ctx context.Context, ordinal string, long bool) error {
	token, err := f.token(ordinal)
	if err != nil {
		return err
	}
	return f.sendAndKeep(ctx, f.extendRequest(token.value, long), long)
}

func (f *formWords) exactlyAsTheLogin() error {
	a, err := f.answer()
	if err != nil {
		return err
	}
	token, err := f.token("")
	if err != nil {
		return err
	}
	for _, name := range []string{"token", "validTo", "user"} {
		expected, _, err := token.answer.member(name)
		if err != nil {
			return err
		}
		got, found, err := a.member(name)
		if err != nil {
			return err
		}
		if !found || !reflect.DeepEqual(got, expected) {
			return fmt.Errorf("expected the member %q to be %v as in the login, got %s", name, expected, a.brief())
		}
	}
	return nil
}

func (f *formWords) tokensDiffer() error {
	first, err := f.token("first")
	if err != nil {
		return err
	}
	second, err := f.token("second")
	if err != nil {
		return err
	}
	if first.value == second.value {
		return errors.New("expected two logins to buy two tokens, got the same one twice")
	}
	return nil
}
