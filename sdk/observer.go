package sdk

import (
	"context"
	"log/slog"
	"time"
)

// Observer is told what a client does. Observe is called from many goroutines,
// some of which others wait for: it must be safe for concurrent use and quick,
// and must not ask the client for a token. An event holds no secret.
type Observer interface {
	Observe(ctx context.Context, event Event)
}

// ObserverFunc makes a function an [Observer].
type ObserverFunc func(ctx context.Context, event Event)

// Observe implements [Observer].
func (f ObserverFunc) Observe(ctx context.Context, event Event) { f(ctx, event) }

// EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	// EventLogin and EventRenew: a token was asked for; Err says how it ended.
	EventLogin EventKind = "login"
	EventRenew EventKind = "renew"
	// EventAdopt: a fresh token was found in the store.
	EventAdopt EventKind = "adopt"
	// EventRevoke: a token was ended at its server, or Err.
	EventRevoke EventKind = "revoke"
	// EventReject: the server rejected a token that was valid to the client.
	EventReject EventKind = "reject"
	// EventReplay: a request is sent again with another token.
	EventReplay EventKind = "replay"
	// EventWait: the server asked to wait for Duration, and the client does.
	EventWait EventKind = "wait"
	// EventStore: the store failed in a way that the client can live with.
	EventStore EventKind = "store"
)

// Event is one thing that happened. Not every field means something for every
// kind.
type Event struct {
	Kind EventKind
	// Dialect and Origin say which client it was.
	Dialect, Origin string
	// Op is the operation, as in [Error.Op].
	Op string
	// Background says that nobody was waiting.
	Background bool
	// Start and Duration say when it began and how long it took.
	Start    time.Time
	Duration time.Duration
	// Expires is the end of the token that was got.
	Expires time.Time
	// Err is nil if it went well.
	Err error
}

// LogObserver writes each event to logger: failures as warnings, everything
// else at debug level. Of a nil logger it makes a nil Observer, which [New]
// refuses.
func LogObserver(logger *slog.Logger) Observer {
	if logger == nil {
		return nil
	}
	return ObserverFunc(func(ctx context.Context, event Event) {
		level := slog.LevelDebug
		attributes := []slog.Attr{slog.String("dialect", event.Dialect), slog.String("origin", event.Origin)}
		if event.Op != "" && event.Op != string(event.Kind) {
			attributes = append(attributes, slog.String("op", event.Op))
		}
		if event.Background {
			attributes = append(attributes, slog.Bool("background", true))
		}
		if event.Duration > 0 {
			attributes = append(attributes, slog.Duration("duration", event.Duration))
		}
		if !event.Expires.IsZero() {
			attributes = append(attributes, slog.Time("expires", event.Expires))
		}
		if event.Err != nil {
			level = slog.LevelWarn
			attributes = append(attributes, slog.String("error", event.Err.Error()))
		}
		logger.LogAttrs(ctx, level, "dragoman: "+string(event.Kind), attributes...)
	})
}
