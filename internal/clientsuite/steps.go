package clientsuite

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// definitions are what the steps of the suite mean.
func definitions() []definition {
	return slices.Concat(clientSetUps(), serverSetUps(), faultSteps(), callSteps(), processSteps(), answerSteps(), countSteps(), secretSteps())
}

// clientSetUps are the steps that say how the client is.
func clientSetUps() []definition {
	return []definition{
		step(`a client that has made a call over gRPC`, func(ctx context.Context, w *world, _ []string) error {
			if err := w.say(ctx, "grpc %s", grpcMethod); err != nil {
				return err
			}
			w.note()
			return w.all("OK")
		}),
		step(`a client that has read a stream`, func(ctx context.Context, w *world, _ []string) error {
			if err := w.say(ctx, "receive %s", streamMethod); err != nil {
				return err
			}
			w.note()
			return w.all("OK")
		}),
		step(`a client that has started`, func(ctx context.Context, w *world, _ []string) error {
			_, err := w.client(ctx) // it may log in before it is ready
			return err
		}),
		step(`a client that has made a call`, func(ctx context.Context, w *world, _ []string) error { return w.madeCall(ctx) }),
		step(`a client that has made a call and was closed`, func(ctx context.Context, w *world, _ []string) error {
			if err := w.madeCall(ctx); err != nil {
				return err
			}
			if err := w.say(ctx, "close"); err != nil {
				return err
			}
			return w.ended(ctx)
		}),
		step(`a client that has replaced its token`, func(ctx context.Context, w *world, _ []string) error {
			if err := w.madeCall(ctx); err != nil {
				return err
			}
			if err := w.endTokens((*mockserver.Server).Expire); err != nil {
				return err
			}
			return w.madeCall(ctx)
		}),
		step(`a client that prints as much as it can`, func(_ context.Context, w *world, _ []string) error {
			w.verbose = true
			return nil
		}),
		step(`a store that processes share`, func(_ context.Context, w *world, _ []string) error {
			w.store = true
			return nil
		}),
	}
}

// serverSetUps are the steps that say how the mock is.
func serverSetUps() []definition {
	return []definition{
		step(`a server`, func(_ context.Context, w *world, _ []string) error {
			_, err := w.server()
			return err
		}),
		step(`a server whose tokens live (\d+) seconds`, func(_ context.Context, w *world, args []string) error {
			life := time.Duration(number(args[0])) * time.Second
			w.lifetimes = mockserver.Lifetimes{SessionAccess: life, FormShort: life, RPC: life, Scoped: life}
			return nil
		}),
		step(`a server whose clock is (\d+) hours (ahead|behind)`, func(_ context.Context, w *world, args []string) error {
			mock, err := w.server()
			if err != nil {
				return err
			}
			by := time.Duration(number(args[0])) * time.Hour
			if args[1] == "behind" {
				by = -by
			}
			mock.Advance(by)
			return nil
		}),
		step(`a server that answers logins with (.+)`, func(_ context.Context, w *world, args []string) error {
			change, known := forms(w.dialect)[args[0]]
			if !known {
				return &harnessError{fmt.Errorf("there is no answer with %s in %s", args[0], w.dialect)}
			}
			w.answers = change
			return nil
		}),
		step(`a password with special characters`, func(_ context.Context, w *world, _ []string) error {
			w.password = `p+&=%41 "q"ß\é/` + w.password
			return nil
		}),
		step(`a server with TLS`, func(_ context.Context, w *world, _ []string) error {
			w.tls = true
			return nil
		}),
		step(`a server whose certificate the client does not trust`, func(_ context.Context, w *world, _ []string) error {
			w.tls, w.untrusted = true, true
			return nil
		}),
		step(`logins are held`, func(_ context.Context, w *world, _ []string) error { return w.holdLogins(0) }),
		step(`the logins go on`, func(_ context.Context, w *world, _ []string) error {
			w.hold.Release()
			return nil
		}),
	}
}

// madeCall lets the client make a good call, and notes what the mock has seen by then.
func (w *world) madeCall(ctx context.Context) error {
	if err := w.say(ctx, "call GET %s", thingsPath); err != nil {
		return err
	}
	w.note()
	return w.all(succeeded)
}

// holdLogins lets logins wait until n have come, or until they are released.
func (w *world) holdLogins(n int) error {
	mock, err := w.server()
	if err != nil {
		return err
	}
	if w.hold, err = mock.Hold(mockserver.Login, n); err != nil {
		return &harnessError{err}
	}
	return nil
}

// number reads what a pattern has matched as digits.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		panic(fmt.Sprintf("%q in a step is no number", digits)) // the judge's own mistake
	}
	return n
}

// status is a status of HTTP as an outcome.
func status(code int) string { return strconv.Itoa(code) }

// succeeded is the outcome of a good call.
var succeeded = status(http.StatusOK)
