// Package audit describes what happens to credentials: who logged in or failed
// to, from where, and which sessions and tokens were issued, renewed and revoked.
// Events never hold a password, a token or a key. [Log] writes them to a handler
// of log/slog. Packages account, grant and session record them.
package audit

import (
	"context"
	"log/slog"
	"strings"
)

// Kind is what happened.
type Kind string

// The kinds of events.
const (
	// LoginSucceeded: a password was right.
	LoginSucceeded Kind = "login succeeded"
	// LoginFailed: the name or the password was wrong.
	LoginFailed Kind = "login failed"
	// LoginThrottled: rejected without a check, after too many wrong passwords.
	LoginThrottled Kind = "login throttled"
	// LoginUnjudged: the login came to no end. The server was overloaded, its store not
	// available, or the password was right and a second factor is missing.
	LoginUnjudged Kind = "login not judged"

	// Issued: a session or token was made.
	Issued Kind = "grant issued"
	// Renewed: a session was refreshed, a token renewed or extended.
	Renewed Kind = "grant renewed"
	// Revoked: a session or token was ended before its time.
	Revoked Kind = "grant revoked"
	// Replayed: a refresh token was used again, which has ended its session.
	Replayed Kind = "grant replayed"

	// KeyUsed: a valid API key was presented, with or without the right to make
	// the request.
	KeyUsed Kind = "key used"
	// KeyRefused: the API key is unknown or has expired.
	KeyRefused Kind = "key refused"

	// AllEnded: an operator ended all sessions and tokens of an account.
	AllEnded Kind = "all grants ended"
	// Disabled, Enabled: an operator disabled an account, or enabled it again.
	Disabled Kind = "account disabled"
	Enabled  Kind = "account enabled"

	// AdminFailed: the password of the admin page was wrong.
	AdminFailed Kind = "admin login failed"
	// AdminThrottled: rejected without a check, after too many wrong passwords.
	AdminThrottled Kind = "admin login throttled"
)

// Kinds are all of them, in the order of the list above.
func Kinds() []Kind {
	return []Kind{
		LoginSucceeded, LoginFailed, LoginThrottled, LoginUnjudged, Issued, Renewed, Revoked, Replayed, KeyUsed, KeyRefused,
		AllEnded, Disabled, Enabled, AdminFailed, AdminThrottled,
	}
}

// Operator is the [Event.By] of the admin page.
const Operator = "operator"

// Event is one thing that happened.
type Event struct {
	Kind    Kind
	Dialect string
	// Login is that of the account; where there is no account, the name that the
	// client sent. Empty when neither is known.
	Login string
	// Unknown says that no account has the Login: it is only what the client sent, and
	// may be a password in the wrong field.
	Unknown bool
	// Address is that of the client, without port.
	Address string
	// Grant is the public id of the session or token; empty at a login.
	Grant string
	// By is who did it: empty is the client, [Operator] an operator at the admin page.
	By string
}

// Sink receives events. Implementations are safe for concurrent use and return
// quickly: the request waits for them.
type Sink interface {
	// Record takes one event.
	Record(ctx context.Context, event Event)
}

// Sinks passes every event to each of its sinks in order. No sinks discard it.
type Sinks []Sink

// Record implements [Sink].
func (s Sinks) Record(ctx context.Context, event Event) {
	for _, sink := range s {
		sink.Record(ctx, event)
	}
}

// Log writes events to a handler of log/slog, one record each. Texts that a client
// has chosen are cut to 256 bytes; the JSON handler escapes control characters,
// so that a client cannot forge a line.
type Log struct{ handler slog.Handler }

var _ Sink = Log{}

// NewLog returns a log that writes to handler.
func NewLog(handler slog.Handler) Log { return Log{handler} }

// Record implements [Sink]. An error of the handler is dropped.
func (l Log) Record(ctx context.Context, event Event) {
	attributes := []slog.Attr{slog.String("dialect", event.Dialect), slog.String("login", short(event.Login)), slog.String("address", short(event.Address))}
	if event.Grant != "" {
		attributes = append(attributes, slog.String("grant", event.Grant))
	}
	if event.By != "" {
		attributes = append(attributes, slog.String("by", event.By))
	}
	slog.New(l.handler).LogAttrs(ctx, slog.LevelInfo, string(event.Kind), slog.Attr{Key: "audit", Value: slog.GroupValue(attributes...)})
}

const maxText = 256

func short(text string) string { return strings.ToValidUTF8(text[:min(len(text), maxText)], "\uFFFD") }

type addressKey struct{}

// WithAddress stores the client's address for the events of a request.
func WithAddress(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// Address returns what [WithAddress] stored, or "".
func Address(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	return address
}

type byKey struct{}

// WithBy stores who acts, for the events of a request.
func WithBy(ctx context.Context, who string) context.Context {
	return context.WithValue(ctx, byKey{}, who)
}

// By returns what [WithBy] stored, or "".
func By(ctx context.Context) string {
	who, _ := ctx.Value(byKey{}).(string)
	return who
}
