package account

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/jsonrecord"
	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Attempt is one login, as the limiter counts it.
type Attempt struct {
	// Dialect is the dialect of the login. All dialects share one count.
	Dialect string
	// Account is the login of the account, however the client named it; where
	// there is none, the name that the client sent, in the form in which names are
	// compared: unknown and known accounts must be indistinguishable.
	Account string
	// Address is the client's IP address, without port.
	Address string
	// AsksSecond says that the dialect can ask for a second factor.
	AsksSecond bool

	second  bool // it is the second factor
	unknown bool // no account has the name, or it could not be looked up
}

// Outcome is what became of an attempt.
type Outcome int

// The outcomes.
const (
	Unjudged Outcome = iota // the password was not checked
	Wrong                   // the password was wrong, or the account does not exist
	Right                   // the password was right
)

// Limiter limits the guessing of passwords. Implementations are safe for
// concurrent use. When the counts cannot be read or written, errors wrap
// [store.ErrUnavailable].
type Limiter interface {
	// Start returns a [*ThrottledError] when the attempt has to wait. Otherwise
	// the password may be checked, and the caller calls end once with the outcome,
	// whatever happens.
	Start(ctx context.Context, attempt Attempt) (end func(ctx context.Context, outcome Outcome) error, err error)
}

// ThrottledError says that too many passwords were wrong. Until the wait is
// over, right passwords are rejected too.
type ThrottledError struct {
	// RetryAfter is how long to wait: above zero, in whole seconds.
	RetryAfter time.Duration
}

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("too many wrong passwords: try again in %v", e.RetryAfter)
}

// Throttle says how many wrong passwords are too many (SEC-03).
type Throttle struct {
	// PerAccount is how many wrong passwords an account has within Window
	// before it must wait. A network that the account has logged in from within
	// the last 30 days has an allowance of its own, so that nobody elsewhere can
	// keep the user out. Zero is 10, negative is no limit.
	PerAccount int
	// PerAddress is the same for a client's network, over all accounts: an IPv4
	// address, or the first 64 bits of an IPv6 address. Zero is 100, negative is
	// no limit.
	PerAddress int
	// Window is the time in which wrong passwords are added up, and also how
	// long to wait after the last of them. Zero is a minute.
	Window time.Duration
}

// kindThrottle is the kind of the records that hold counts, and of those that say
// from which networks an account has logged in.
const kindThrottle store.Kind = "throttle"

// storeLimiter counts in the store, so that all replicas share the counts.
type storeLimiter struct {
	settings Throttle
	store    store.Store
	clock    clock.Clock
	judged   *judged
}

// NewLimiter returns a limiter that counts in a store, under digests of
// account names and networks. Attempts that may exceed the limit when they all
// fail wait for each other, so that it holds at any number of attempts at once;
// with several replicas for each of them.
func NewLimiter(settings Throttle, s store.Store, c clock.Clock) (Limiter, error) {
	if s == nil || c == nil {
		return nil, errors.New("new limiter: it needs a store and a clock")
	}
	settings = Throttle{
		PerAccount: cmp.Or(settings.PerAccount, 10), PerAddress: cmp.Or(settings.PerAddress, 100), Window: cmp.Or(settings.Window, time.Minute),
	}
	if settings.Window < time.Second {
		return nil, fmt.Errorf("new limiter: the window %v is shorter than a second", settings.Window)
	}
	return &storeLimiter{settings: settings, store: s, clock: c, judged: newJudged()}, nil
}

// limit is one of the ways an attempt is counted.
type limit struct {
	key string
	max int
}

// Start implements [Limiter].
func (l *storeLimiter) Start(ctx context.Context, a Attempt) (func(context.Context, Outcome) error, error) {
	home, err := l.home(ctx, a)
	if err != nil {
		return nil, err
	}
	account := limit{digest("account", a.Account), l.settings.PerAccount}
	if home.known {
		account.key = home.key
	}
	limits := slices.DeleteFunc([]limit{account, {digest("address", proxy.Network(a.Address)), l.settings.PerAddress}}, func(l limit) bool { return l.max < 0 })
	slot, err := l.judged.acquire(ctx, limits)
	if err != nil {
		return nil, err
	}
	if err := l.admit(ctx, slot); err != nil {
		slot.abandon()
		return nil, err
	}
	slot.start()
	return func(ctx context.Context, outcome Outcome) error {
		defer slot.end()
		return l.end(ctx, outcome, limits, account, home)
	}, nil
}

// admit waits until the limits hold even when all that are being judged fail, this
// attempt too.
func (l *storeLimiter) admit(ctx context.Context, s *slot) error {
	for {
		running, ended := s.running() // before the counts are read: see slot.end
		free := true
		for i, limit := range s.limits {
			failures, err := l.failures(ctx, limit)
			if err != nil {
				return err
			}
			free = free && failures+running[i] < limit.max
		}
		if free {
			return nil
		}
		select {
		case <-ended:
		case <-ctx.Done():
			return fmt.Errorf("wait for other logins: %w", ctx.Err())
		}
	}
}

// failures are those that count now. The error is a [*ThrottledError] where they
// are too many.
func (l *storeLimiter) failures(ctx context.Context, limit limit) (int, error) {
	_, counted, err := jsonrecord.Get[count](ctx, l.store, kindThrottle, limit.key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, fmt.Errorf("read wrong passwords: %w", err)
	}
	now := l.clock.Now()
	if wait := counted.Last.Add(l.settings.Window).Sub(now); counted.Failures >= limit.max && wait > 0 {
		return 0, &ThrottledError{RetryAfter: (wait + time.Second - 1).Truncate(time.Second)}
	}
	if now.Sub(counted.Since) >= l.settings.Window {
		return 0, nil
	}
	return counted.Failures, nil
}

// end counts the outcome of an attempt.
func (l *storeLimiter) end(ctx context.Context, outcome Outcome, limits []limit, account limit, home home) error {
	switch outcome {
	case Wrong:
		for _, limit := range limits {
			if err := l.add(ctx, limit.key); err != nil {
				return err
			}
		}
	case Right:
		if account.max < 0 {
			return nil
		}
		if err := l.reset(ctx, account.key); err != nil {
			return err
		}
		return l.remember(ctx, home)
	case Unjudged:
	}
	return nil
}

// count is how often a password was wrong since a time, and when last.
type count struct {
	Failures int       `json:"failures"`
	Since    time.Time `json:"since"`
	Last     time.Time `json:"last"`
}

// add counts one failure.
func (l *storeLimiter) add(ctx context.Context, key string) error {
	err := jsonrecord.Change(ctx, l.store, kindThrottle, key, func(record *store.Record, counted *count) error {
		now := l.clock.Now()
		if now.Sub(counted.Since) >= l.settings.Window {
			*counted = count{Since: now}
		}
		counted.Failures++
		counted.Last = now
		record.Expires = now.Add(l.settings.Window)
		return nil
	})
	if err != nil {
		return fmt.Errorf("count a wrong password: %w", err)
	}
	return nil
}

// reset forgets the failures of an account.
func (l *storeLimiter) reset(ctx context.Context, key string) error {
	// A read is cheaper than a write, and most logins have nothing to reset.
	_, err := l.store.Get(ctx, kindThrottle, key)
	if err == nil {
		err = l.store.Delete(ctx, kindThrottle, key)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("reset wrong passwords: %w", store.Unavailable(err))
	}
	return nil
}

func digest(parts ...string) string {
	var text []byte
	for _, part := range parts {
		text = fmt.Appendf(text, "%d %s ", len(part), part)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
