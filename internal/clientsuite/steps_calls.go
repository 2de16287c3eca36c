package clientsuite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// thousands is how many calls need the capability crowd, and may be fewer in the proof
// of the suite.
const thousands = 1000

// deadlineGrace is how long a client may take to tell a caller that its deadline, of
// less than a second, has passed. Clients that give up a login by themselves do it later.
const deadlineGrace = 10 * time.Second

// callSteps are the steps in which the client makes calls.
func callSteps() []definition {
	tell := func(pattern, command string) definition {
		return step(pattern, func(ctx context.Context, w *world, args []string) error {
			values := make([]any, len(args))
			for i, arg := range args {
				values[i] = arg
			}
			return w.say(ctx, command, values...)
		})
	}
	return []definition{
		tell(`the client makes a call`, "call GET "+thingsPath),
		tell(`the client makes (\d+) calls at once`, "parallel %s GET "+thingsPath),
		tell(`the client waits (\d+) seconds`, "wait %s"),
		tell(`the client logs out`, "logout"),
		tell(`the client makes a call over gRPC`, "grpc "+grpcMethod),
		tell(`the client reads a stream`, "receive "+streamMethod),
		step(`the client reads a stream, and then another one`, func(ctx context.Context, w *world, _ []string) error {
			if err := w.say(ctx, "receive "+streamMethod); err != nil {
				return err
			}
			return w.say(ctx, "receive "+streamMethod)
		}),
		tell(`the client makes (\d+) calls at once, and one more that waits only (\d+) ms`, "race %s %s GET "+thingsPath),
		step(`the client makes thousands of calls at once`, func(ctx context.Context, w *world, _ []string) error {
			calls := 10 * thousands
			if w.options.Crowd > 0 {
				calls = w.options.Crowd
			}
			return w.say(ctx, "parallel %d GET %s", calls, thingsPath)
		}),
		step(`the client makes a call with a body of (\d+) bytes`, func(ctx context.Context, w *world, args []string) error {
			w.uploads.expect(number(args[0]))
			return w.say(ctx, "call POST %s %s", thingsPath, args[0])
		}),
		step(`the client makes a call with a body of (\d+) bytes that can be read only once`, func(ctx context.Context, w *world, args []string) error {
			w.uploads.expect(number(args[0]))
			return w.say(ctx, "stream POST %s %s", thingsPath, args[0])
		}),
		step(`a caller waits (\d+) ms for a call`, func(ctx context.Context, w *world, args []string) error {
			ctx, cancel := context.WithTimeout(ctx, deadlineGrace)
			defer cancel()
			w.late = w.say(ctx, "deadline %s GET %s", args[0], thingsPath)
			return nil
		}),
		step(`the client waits (\d+) seconds and makes a call`, func(ctx context.Context, w *world, args []string) error {
			if err := w.say(ctx, "wait %s", args[0]); err != nil {
				return err
			}
			w.since = len(w.mock.Requests())
			return w.say(ctx, "call GET %s", thingsPath)
		}),
	}
}

// processSteps are the steps in which clients are started and ended.
func processSteps() []definition {
	return []definition{
		step(`the client is told to close`, func(ctx context.Context, w *world, _ []string) error { return w.say(ctx, "close") }),
		step(`it ends with exit code 0`, func(ctx context.Context, w *world, _ []string) error { return w.ended(ctx) }),
		step(`the client is started again and makes a call`, func(ctx context.Context, w *world, _ []string) error {
			return w.another(ctx)
		}),
		step(`another process of the client makes a call`, func(ctx context.Context, w *world, _ []string) error {
			return w.another(ctx)
		}),
		step(`both processes make a call at once`, func(ctx context.Context, w *world, _ []string) error {
			return w.callAtOnce(ctx)
		}),
		step(`a fleet of (\d+) clients, whose first logins are answered 429 with a Retry-After of 2 seconds`, func(ctx context.Context, w *world, args []string) error {
			n := number(args[0])
			fault := mockserver.Fault{Effect: mockserver.Quota, Operation: mockserver.Login, Times: n, RetryAfter: mockserver.Duration(2 * time.Second)}
			if err := errors.Join(w.inject("the first login of the fleet", fault), w.holdLogins(n)); err != nil {
				return err
			}
			return w.startAll(ctx, n)
		}),
		step(`each client of the fleet makes a call`, func(ctx context.Context, w *world, _ []string) error { return w.callAtOnce(ctx) }),
	}
}

// ended waits until the client, which was told to close, has ended.
func (w *world) ended(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, w.options.Timeout/2)
	defer cancel()
	return w.clients[0].end(ctx)
}

// another starts a further client, and lets it make a call.
func (w *world) another(ctx context.Context) error {
	c, err := w.start(ctx)
	if err != nil {
		return err
	}
	w.answer, err = w.tell(ctx, c, "call GET "+thingsPath)
	return err
}

// callAtOnce lets all clients make a call at once. The answer is that of all.
func (w *world) callAtOnce(ctx context.Context) error {
	answers, problems := make([]Answer, len(w.clients)), make([]error, len(w.clients))
	var calling sync.WaitGroup
	for i, c := range w.clients {
		calling.Go(func() { answers[i], problems[i] = w.tell(ctx, c, "call GET "+thingsPath) })
	}
	calling.Wait()
	w.answer = Answer{}
	for _, answer := range answers {
		for outcome, n := range answer {
			w.answer[outcome] += n
		}
	}
	return errors.Join(problems...)
}

// laterTries is how often a client is asked again after a fault, a second apart.
const laterTries = 10

// answerSteps are the steps about what the client answered.
func answerSteps() []definition {
	return []definition{
		step(`(?:it is|all are) answered (\w+)`, func(_ context.Context, w *world, args []string) error { return w.all(args[0]) }),
		step(`the caller is told in time`, func(_ context.Context, w *world, _ []string) error { return w.late }),
		step(`(\d+) calls or more are answered 200`, func(_ context.Context, w *world, args []string) error {
			if w.answer[succeeded] < number(args[0]) {
				return fmt.Errorf("expected %s calls or more that are answered 200, got %s", args[0], w.answer)
			}
			return nil
		}),
		step(`it is answered 200 or not at all`, func(_ context.Context, w *world, _ []string) error {
			return w.oneOf(succeeded, wordError)
		}),
		step(`later a call is answered 200`, func(ctx context.Context, w *world, _ []string) error {
			for range laterTries {
				if err := w.say(ctx, "call GET %s", thingsPath); err != nil {
					return err
				}
				if w.all(succeeded) == nil {
					return nil
				}
				if _, err := w.tell(ctx, w.clients[0], "wait 1"); err != nil {
					return err
				}
			}
			return fmt.Errorf("expected that a call is answered 200 within %d s, got %s", laterTries, w.answer)
		}),
	}
}

// all wants all calls of the last command to have one outcome.
func (w *world) all(outcome string) error { return w.oneOf(outcome) }

// oneOf wants all calls of the last command to have one of the outcomes.
func (w *world) oneOf(outcomes ...string) error {
	others := slices.DeleteFunc(slices.Collect(maps.Keys(w.answer)), func(outcome string) bool { return slices.Contains(outcomes, outcome) || w.answer[outcome] == 0 })
	if len(others) > 0 || w.answer.Calls() == 0 {
		return fmt.Errorf("expected %s, got %q%s", strings.Join(outcomes, " or "), w.answer, w.clients[0].lastWords())
	}
	return nil
}
