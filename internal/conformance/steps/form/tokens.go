package form

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// registerResource binds the steps about the protected resource.
func (f *steps) registerResource() {
	f.Step(`^the resource is asked for with the (?:(first|second) )?token$`, func(ctx context.Context, ordinal string) error {
		return f.sendWith(ctx, ordinal, func(token string) exchange.Request { return f.Authorize(f.Protected(), token) })
	})
	f.Step(`^the resource is asked for without a token$`, func(ctx context.Context) error {
		_, err := f.Send(ctx, f.Protected())
		return err
	})
	f.Step(`^the resource is asked for with empty and made-up tokens$`, func(ctx context.Context) error {
		var requests []exchange.Request
		for _, token := range shared.MadeUpTokens() {
			requests = append(requests, f.Authorize(f.Protected(), token))
		}
		return f.SendEach(ctx, requests...)
	})
	f.Step(`^the resource is asked for with garbled forms of the token$`, func(ctx context.Context) error {
		return f.sendGarbled(ctx, func(token string) exchange.Request { return f.Authorize(f.Protected(), token) })
	})
}

// registerTokens binds the steps about the other methods of the login path.
func (f *steps) registerTokens() {
	f.Step(`^GET asks for the (?:(first|second) )?token$`, func(ctx context.Context, ordinal string) error {
		return f.sendWith(ctx, ordinal, f.validateRequest)
	})
	f.Step(`^GET asks for garbled forms of the token$`, func(ctx context.Context) error {
		return f.sendGarbled(ctx, f.validateRequest)
	})
	f.Step(`^GET asks for the token "([^"]*)"$`, func(ctx context.Context, token string) error {
		_, err := f.Send(ctx, f.validateRequest(token))
		return err
	})
	f.Step(`^PUT extends the (?:(first|second) )?token$`, func(ctx context.Context, ordinal string) error {
		return f.extend(ctx, ordinal, false)
	})
	f.Step(`^PUT extends the token with longtoken true$`, func(ctx context.Context) error {
		return f.extend(ctx, "", true)
	})
	f.Step(`^PUT sends the body (.+)$`, f.putBody)
	f.Step(`^DELETE ends the (?:(first|second) )?token$`, func(ctx context.Context, ordinal string) error {
		return f.sendWith(ctx, ordinal, f.endRequest)
	})
	f.Step(`^"token", "validTo" and "user" are exactly those of the login$`, f.exactlyAsTheLogin)
	f.Step(`^both tokens differ$`, f.tokensDiffer)
}

// validateRequest is the GET of a token, endRequest its DELETE.
func (f *steps) validateRequest(token string) exchange.Request {
	return f.LoginPath(http.MethodGet).WithQuery("token", token)
}

func (f *steps) endRequest(token string) exchange.Request {
	return f.LoginPath(http.MethodDelete).WithQuery("token", token)
}

// sendWith sends a request that is made of a token.
func (f *steps) sendWith(ctx context.Context, ordinal string, with func(token string) exchange.Request) error {
	token, err := f.token(ordinal)
	if err != nil {
		return err
	}
	_, err = f.Send(ctx, with(token.value))
	return err
}

func (f *steps) sendGarbled(ctx context.Context, with func(token string) exchange.Request) error {
	token, err := f.token("")
	if err != nil {
		return err
	}
	var requests []exchange.Request
	for _, garbled := range tokens.Garblings(token.value) {
		requests = append(requests, with(garbled))
	}
	return f.SendEach(ctx, requests...)
}

// extend keeps what the extension answers as the newest token: whether it is
// the same one or another is not judged.
func (f *steps) extend(ctx context.Context, ordinal string, long bool) error {
	token, err := f.token(ordinal)
	if err != nil {
		return err
	}
	return f.sendAndKeep(ctx, f.ExtendRequest(token.value, long), long)
}

// putBody sends a text as it stands; TOKEN in it stands for the token.
func (f *steps) putBody(ctx context.Context, body string) error {
	token, err := f.token("")
	if err != nil {
		return err
	}
	_, err = f.Send(ctx, f.LoginPath(http.MethodPut).WithBody("application/json", strings.ReplaceAll(body, "TOKEN", token.value)))
	return err
}

func (f *steps) exactlyAsTheLogin() error {
	a, err := f.Answer()
	if err != nil {
		return err
	}
	token, err := f.token("")
	if err != nil {
		return err
	}
	for _, name := range []string{"token", "validTo", "user"} {
		expected, _, err := token.answer.Member(name)
		if err != nil {
			return err
		}
		got, found, err := a.Member(name)
		if err != nil {
			return err
		}
		if !found || !reflect.DeepEqual(got, expected) {
			return fmt.Errorf("expected the member %q to be %s as in the login, got %s", name, exchange.Shown(expected), a.Brief())
		}
	}
	return nil
}

func (f *steps) tokensDiffer() error {
	first, err := f.token("first")
	if err != nil {
		return err
	}
	second, err := f.token("second")
	if err != nil {
		return err
	}
	if first.value == second.value {
		return errors.New("expected two logins to obtain two tokens, got the same one twice")
	}
	return nil
}
