package sdk

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/dragoman-auth/dragoman/internal/sdk/headerfield"
)

// Option changes a setting of a [Client]. A nil Option changes nothing, here and in
// the packages below.
type Option func(*settings)

// settings are what the options set.
type settings struct {
	transport       http.RoundTripper
	jar             http.CookieJar
	store           Store
	storeRequired   bool
	account         string
	observers       []Observer
	onChange        func(context.Context, Token)
	clock           func() time.Time
	clockReplaced   bool
	random          func() float64
	allowPlain      bool
	userAgent       string
	timeout         time.Duration
	loginTimeout    time.Duration
	exchangeTimeout time.Duration
	replayBuffer    int64
	attempts        int
	limit           *Limit
	background      bool
}

// defaults are the settings before any option.
func defaults() settings {
	return settings{
		store: NewMemoryStore(), clock: time.Now, random: rand.Float64, userAgent: "dragoman", background: true,
		timeout: time.Minute, loginTimeout: 30 * time.Second, exchangeTimeout: 15 * time.Second, replayBuffer: 1 << 20, attempts: 1,
	}
}

// WithHTTPTransport sends everything through transport, for instance an
// [*http.Transport] with a proxy or a client certificate. It must not be
// changed afterwards, and [Client.Close] does not close its connections. The
// default is a transport of the client's own, with the settings of
// [http.DefaultTransport].
func WithHTTPTransport(transport http.RoundTripper) Option {
	return func(s *settings) { s.transport = transport }
}

// WithStore keeps the token in store, so that it survives restarts and is shared
// with other processes. The default is a [MemoryStore] of the client's own.
//
// A store that cannot be locked, read or written costs a login and an
// [EventStore], and not the service; see [WithStoreRequired].
func WithStore(store Store) Option { return func(s *settings) { s.store = store } }

// WithStoreRequired makes an error of every failure of the store: for programs
// that would rather do nothing than log in anew each time.
func WithStoreRequired() Option { return func(s *settings) { s.storeRequired = true } }

// WithAccount tells apart, in a shared store, clients that log in to the same
// origin in the same dialect. The dialects do this by themselves, by the user's
// name; a dialect that is not [Keyed] needs it when [WithStore] is used.
func WithAccount(name string) Option { return func(s *settings) { s.account = name } }

// WithObserver tells observer what the client does. It may be given more than
// once.
func WithObserver(observer Observer) Option {
	return func(s *settings) { s.observers = append(s.observers, observer) }
}

// WithOnChange calls hook with every new token, after it was saved and before
// anybody uses it. Others wait for the hook: it must be quick, and must not ask
// the client for a token. If it panics, the caller gets an error, and the next
// one the saved token.
func WithOnChange(hook func(ctx context.Context, token Token)) Option {
	return func(s *settings) { s.onChange = hook }
}

// WithClock replaces [time.Now]. It says when tokens end; how long the client
// waits is measured by package time anyway, so that a test with a clock
// of its own best runs inside [testing/synctest].
func WithClock(now func() time.Time) Option {
	return func(s *settings) { s.clock, s.clockReplaced = now, true }
}

// WithRand replaces the source of jitter. It returns numbers in [0,1) and must
// be safe for concurrent use. The default is math/rand/v2.Float64.
func WithRand(random func() float64) Option { return func(s *settings) { s.random = random } }

// WithAllowPlaintext sends passwords and tokens over HTTP in clear, even to another
// machine: it permits an http address. Whoever is on the way can read them. For gRPC
// there is grpcauth.WithAllowPlaintext.
func WithAllowPlaintext() Option { return func(s *settings) { s.allowPlain = true } }

// WithUserAgent sets the User-Agent of requests that have none. The default is
// "dragoman".
func WithUserAgent(name string) Option { return func(s *settings) { s.userAgent = name } }

// WithTimeout bounds a request made through [Client.R] and [Client.HTTPClient],
// from its start to the last byte of its answer, redirects and the wait for a
// token included. The default is one minute; 0 means no bound but the context's.
// The error of a request that takes too long is a timeout as net/http has it, and
// wraps [ErrUnavailable].
func WithTimeout(d time.Duration) Option { return func(s *settings) { s.timeout = d } }

// WithLoginTimeout bounds the fetching of a token: waiting for the store, the
// renewal, and the login if need be. The default is 30 seconds. Where a callback,
// such as a [SecretFunc], does not end with its context, callers wait 10 seconds
// more, and get an error until it has ended.
func WithLoginTimeout(d time.Duration) Option { return func(s *settings) { s.loginTimeout = d } }

// WithExchangeTimeout bounds one exchange with a token endpoint. The default is
// 15 seconds.
func WithExchangeTimeout(d time.Duration) Option {
	return func(s *settings) { s.exchangeTimeout = d }
}

// WithReplayBuffer sets how many bytes of a request body are kept in memory, if
// it can neither be made anew (GetBody) nor sought back, so that the request
// can be sent again after a rejection. A longer body is not sent again. The
// default is 1 MiB; 0 keeps nothing.
func WithReplayBuffer(bytes int64) Option { return func(s *settings) { s.replayBuffer = bytes } }

// WithoutBackgroundRenewal renews a token only when a call needs it.
func WithoutBackgroundRenewal() Option { return func(s *settings) { s.background = false } }

// check finds settings that make no sense.
func (s *settings) check() error {
	if s.loginTimeout <= 0 || s.exchangeTimeout <= 0 {
		return fmt.Errorf("WithLoginTimeout and WithExchangeTimeout must be above zero: %w", ErrConfig)
	}
	if s.attempts < 1 {
		return fmt.Errorf("WithRetry must be given 1 or more: %w", ErrConfig)
	}
	if s.timeout < 0 || s.replayBuffer < 0 {
		return fmt.Errorf("WithTimeout and WithReplayBuffer must not be below zero: %w", ErrConfig)
	}
	if s.store == nil || s.clock == nil || s.random == nil {
		return fmt.Errorf("WithStore, WithClock and WithRand must not be given nil: %w", ErrConfig)
	}
	if !headerfield.IsValue(s.userAgent) {
		return fmt.Errorf("WithUserAgent must be given what a header can carry: %w", ErrConfig)
	}
	for _, observer := range s.observers {
		if observer == nil {
			return fmt.Errorf("WithObserver must not be given nil: %w", ErrConfig)
		}
	}
	return nil
}
