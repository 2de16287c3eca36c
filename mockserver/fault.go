package mockserver

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/humanize"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// Effect is what a fault does to a request, over HTTP/1.1, HTTP/2 and gRPC alike
// unless its comment says otherwise.
type Effect string

// Effects in place of the server's answer: the server does not see the request.
const (
	// Status answers with Fault.Status, 500 by default, in the dialect's form. Over
	// gRPC it is the code that belongs to the status.
	Status Effect = "status"
	// Outage is Status with 503 by default.
	Outage Effect = "outage"
	// Quota is Status with 429, and Retry-After of a second by default.
	Quota Effect = "quota"
	// Refuse answers a login with an error of the dialect, by its name in
	// Fault.Error: for rpc a code of AuthenticateEx without its prefix, such as
	// ALREADY_LOGGED; WRONG_CREDENTIALS, the default, is known to all dialects.
	Refuse Effect = "refuse"
	// Reset resets the connection before the server has seen the request. Over
	// HTTP/2 it resets the stream.
	Reset Effect = "reset"
	// Close closes the connection in the same place.
	Close Effect = "close"
	// Redirect answers 307, or Fault.Status, with Fault.Location. By default that is
	// the same path of another origin, which is the mock under another name. Over
	// gRPC there is no such effect.
	Redirect Effect = "redirect"
)

// Effects on what the server does.
const (
	// Delay lets the server answer later, by Fault.Delay.
	Delay Effect = "delay"
	// Reject lets the server reject the token, which stays valid.
	Reject Effect = "reject"
	// RevokeBefore ends the token's session before the server sees the request: its
	// tokens are rejected from then on.
	RevokeBefore Effect = "revoke"
)

// Effects on the answer: the server has done what was asked. Over gRPC only LostReply has
// an effect, and Truncate on streams.
const (
	// LostReply closes the connection in place of the answer.
	LostReply Effect = "lost_reply"
	// Truncate sends the first half of the body and closes the connection. A stream over
	// gRPC ends with UNAVAILABLE after its first message, or at its end.
	Truncate Effect = "truncate"
	// Slow sends the body in pieces of Fault.Bytes (1 by default), with Fault.Delay
	// after each.
	Slow Effect = "slow"
	// Garble sends a body that is no JSON.
	Garble Effect = "garble"
	// ContentType sends the body as Fault.ContentType, text/html by default.
	ContentType Effect = "content_type"
	// Gzip sends the body in this content coding, which nobody asked for.
	Gzip Effect = "gzip"
	// Skew moves the Date of the answer by Fault.Skew.
	Skew Effect = "skew"
)

// reach says what a fault affects beside requests over HTTP.
type reach int

const (
	overHTTP    reach = iota
	alsoStreams       // over gRPC, too, of streams alone
	alsoCalls         // over gRPC, too, of unary calls and of streams
)

// effects are all of them.
var effects = map[Effect]reach{
	Status: alsoCalls, Outage: alsoCalls, Quota: alsoCalls, Refuse: alsoCalls, Reset: alsoCalls, Close: alsoCalls, Redirect: overHTTP,
	Delay: alsoCalls, Reject: alsoCalls, RevokeBefore: alsoCalls,
	LostReply: alsoCalls, Truncate: alsoStreams, Slow: overHTTP, Garble: overHTTP, ContentType: overHTTP, Gzip: overHTTP, Skew: overHTTP,
}

// meets says whether an effect exists for a request.
func (r reach) meets(request Request, stream bool) bool {
	return request.Method != grpcMethod || r == alsoCalls || r == alsoStreams && stream
}

// Fault is a mistake that the mock makes on purpose: which requests it affects, and
// what it does to them. Of several faults that a request meets, the one that was
// injected first takes effect; all of them count the request. The zero value of a
// field other than Effect does not restrict.
type Fault struct {
	// Effect is what happens.
	Effect Effect `json:"effect"`

	// Operation is the kind of request.
	Operation Operation `json:"operation,omitempty"`
	// Dialect is session, form, rpc or scoped.
	Dialect string `json:"dialect,omitempty"`
	// Path is the whole path, or the full method over gRPC.
	Path string `json:"path,omitempty"`
	// Session is a name of the journal, such as "session-1".
	Session string `json:"session,omitempty"`

	// From is the first request of those that is affected, counted from 1.
	From int `json:"from,omitempty"`
	// Every affects each so many-th request, beginning with From.
	Every int `json:"every,omitempty"`
	// Share affects that part of the requests, above 0 and up to 1, drawn from the
	// seed of the mock ([WithSeed]).
	Share float64 `json:"share,omitempty"`
	// Times ends the fault after so many affected requests.
	Times int `json:"times,omitempty"`
	// For ends it after that time of the mock.
	For Duration `json:"for,omitempty"`

	// Status, Error, RetryAfter, Delay, Location, ContentType, Bytes and Skew are
	// details of effects. One that the effect does not have is an error.
	Status int    `json:"status,omitempty"`
	Error  string `json:"error,omitempty"`
	// RetryAfter is sent in whole seconds with every status. RetryAfterDate sends it
	// as a date.
	RetryAfter     Duration `json:"retry_after,omitempty"`
	RetryAfterDate bool     `json:"retry_after_date,omitempty"`
	// Delay comes before every effect that has none of its own. It grows by Growth
	// with each affected request.
	Delay       Duration `json:"delay,omitempty"`
	Growth      Duration `json:"growth,omitempty"`
	Location    string   `json:"location,omitempty"`
	ContentType string   `json:"content_type,omitempty"`
	Bytes       int      `json:"bytes,omitempty"`
	Skew        Duration `json:"skew,omitempty"`
}

// Duration is a [time.Duration] whose JSON is text, such as "10s".
type Duration time.Duration

// MarshalText implements [encoding.TextMarshaler].
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// Times of requests of which there may be many.
var (
	errNegative = errors.New("from, every, times, for, delay, growth, bytes and retry_after must not be negative")
	errShare    = errors.New("share is above 0 and at most 1")
)

// otherEffects names the effect that a mistyped one most likely stands for, or all.
func otherEffects(mistyped Effect) string {
	names := make([]string, 0, len(effects))
	for effect := range effects {
		names = append(names, string(effect))
	}
	slices.Sort(names)
	if meant := humanize.DidYouMean(string(mistyped), names); meant != "" {
		return meant
	}
	return ": the effects are " + strings.Join(names, ", ")
}

// check says what is wrong with a fault, and sets its defaults.
func (f Fault) check(dialects []string) (Fault, error) {
	if _, known := effects[f.Effect]; !known {
		return f, fmt.Errorf("no effect %q%s", f.Effect, otherEffects(f.Effect))
	}
	if f.Operation != "" && !slices.Contains(Operations(), f.Operation) {
		return f, fmt.Errorf("no operation %q: the operations are %v", f.Operation, Operations())
	}
	if f.Dialect != "" && !slices.Contains(dialects, f.Dialect) {
		return f, fmt.Errorf("the mock does not serve a dialect %q: it serves %v", f.Dialect, dialects)
	}
	if err := f.checkOperation(dialects); err != nil {
		return f, err
	}
	if f.From < 0 || f.Every < 0 || f.Times < 0 || f.For < 0 || f.Delay < 0 || f.Growth < 0 || f.Bytes < 0 || f.RetryAfter < 0 {
		return f, errNegative
	}
	if f.Share < 0 || f.Share > 1 {
		return f, errShare
	}
	if f.Status != 0 && (f.Status < 300 || f.Status > 599) {
		return f, fmt.Errorf("status %d: a fault answers 300 to 599", f.Status)
	}
	if err := f.checkDetails(); err != nil {
		return f, err
	}
	return f.withDefaults()
}

// checkOperation refuses what no request could ever meet.
func (f Fault) checkOperation(served []string) error {
	dialects := served
	if f.Dialect != "" {
		dialects = []string{f.Dialect}
	}
	only := map[Operation][]string{Renewal: {wire.Session, wire.Form, wire.RPC}, Issue: {wire.Scoped}}[f.Operation]
	switch {
	case only != nil && !slices.ContainsFunc(dialects, func(dialect string) bool { return slices.Contains(only, dialect) }):
		return fmt.Errorf("the operation %q is of %s, and not of %s", f.Operation, strings.Join(only, ", "), strings.Join(dialects, ", "))
	case f.Operation == Other && f.Dialect != "":
		return fmt.Errorf("the operation %q belongs to no dialect", Other)
	case f.Session != "" && (f.Operation == Login || f.Operation == Other):
		return fmt.Errorf("the operation %q belongs to no session", f.Operation)
	case (f.Effect == Reject || f.Effect == RevokeBefore) && (f.Operation == Login || f.Operation == Other):
		return fmt.Errorf("the effect %q is for requests with a token, and %q has none", f.Effect, f.Operation)
	}
	return nil
}

// checkDetails refuses details that the effect does not have.
func (f Fault) checkDetails() error {
	answers := f.Effect == Status || f.Effect == Outage || f.Effect == Quota || f.Effect == Redirect || f.Effect == Refuse
	for _, detail := range []struct {
		name    string
		ignored bool
	}{
		{"retry_after", f.RetryAfter > 0 && !answers},
		{"location", f.Location != "" && f.Effect != Redirect},
		{"content_type", f.ContentType != "" && f.Effect != ContentType},
		{"bytes", f.Bytes > 0 && f.Effect != Slow},
		{"skew", f.Skew != 0 && f.Effect != Skew},
		{"error", f.Error != "" && f.Effect != Refuse},
		{"growth", f.Growth > 0 && f.Effect == Slow},
	} {
		if detail.ignored {
			return fmt.Errorf("the effect %q has no %s", f.Effect, detail.name)
		}
	}
	switch {
	case f.RetryAfterDate && f.RetryAfter == 0 && f.Effect != Quota:
		return errors.New("retry_after_date needs retry_after")
	case f.Path != "" && f.Path[0] != '/':
		return errors.New("a path begins with a slash")
	case f.Effect == Redirect && f.Status >= 400:
		return errors.New("a redirect answers 300 to 399")
	}
	return nil
}

func (f Fault) withDefaults() (Fault, error) {
	status := map[Effect]int{Status: 500, Outage: 503, Quota: 429, Redirect: 307}[f.Effect]
	switch {
	case f.Status != 0 && status == 0:
		return f, fmt.Errorf("the effect %q has no status", f.Effect)
	case f.Status == 0:
		f.Status = status
	}
	switch f.Effect {
	case Quota:
		if f.RetryAfter == 0 {
			f.RetryAfter = Duration(time.Second)
		}
	case Delay, Slow:
		if f.Delay == 0 {
			return f, fmt.Errorf("the effect %q needs a delay", f.Effect)
		}
	case Skew:
		if f.Skew == 0 {
			return f, errors.New(`the effect "skew" needs skew`)
		}
	case Refuse:
		return f.refusal()
	}
	return f, nil
}

// refusal checks the error that a login is refused with.
func (f Fault) refusal() (Fault, error) {
	if f.Operation == "" {
		f.Operation = Login
	}
	if f.Error == "" {
		f.Error = wrongCredentials
	}
	if f.Operation != Login {
		return f, errors.New(`the effect "refuse" is for logins`)
	}
	if f.Error == wrongCredentials {
		return f, nil
	}
	if _, known := rpcRefusals[f.Error]; !known {
		return f, fmt.Errorf("no error %q", f.Error)
	}
	if f.Dialect != "" && f.Dialect != wire.RPC {
		return f, fmt.Errorf("the dialect %q has no error %q", f.Dialect, f.Error)
	}
	f.Dialect = wire.RPC
	return f, nil
}
