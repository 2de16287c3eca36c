package account

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/jsonrecord"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Attempt is one login, as the limiter counts it.
type Attempt struct {
	// Dialect is the dialect of the login; each counts separately.
	Dialect string
	// Account is the name as the client sent it, whether it exists or not:
	// unknown and known accounts must be indistinguishable.
	Account string
	// Address is the client's IP address, without port.
	Address string
}

// Limiter limits the guessing of passwords. Implementations are safe for
// concurrent use. When the counts cannot be read or written, errors wrap
// [store.ErrUnavailable].
type Limiter interface {
	// Check returns a [*ThrottledError] when the attempt has to wait.
	Check(ctx context.Context, attempt Attempt) error
	// Failed counts a wrong password.
	Failed(ctx context.Context, attempt Attempt) error
	// Succeeded resets the account's count of wrong passwords.
	Succeeded(ctx context.Context, attempt Attempt) error
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
	// before it must wait. Zero is 10, negative is no limit.
	PerAccount int
	// PerAddress is the same for a client's address, over all accounts. Zero
	// is 100, negative is no limit.
	PerAddress int
	// Window is the time in which wrong passwords are added up, and also how
	// long to wait after the last of them. Zero is a minute.
	Window time.Duration
}

// kindThrottle is the kind of the records that hold counts.
const kindThrottle store.Kind = "throttle"

// storeLimiter counts in the store, so that all replicas share the counts.
type storeLimiter struct {
	settings Throttle
	store    store.Store
	clock    clock.Clock
}

// NewLimiter returns a limiter that counts in a store, under digests of
// account names and addresses. Attempts that run at the same moment may exceed
// the limit by their number.
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
	return &storeLimiter{settings: settings, store: s, clock: c}, nil
}

// count is how often a password was wrong since a time, and when last.
type count struct {
	Failures int       `json:"failures"`
	Since    time.Time `json:"since"`
	Last     time.Time `json:"last"`
}

// limit is one of the two ways an attempt is counted.
type limit struct {
	key string
	max int
}

func (l *storeLimiter) limits(a Attempt) []limit {
	return []limit{l.perAccount(a), {digest("address", a.Address), l.settings.PerAddress}}
}

func (l *storeLimiter) perAccount(a Attempt) limit {
	return limit{digest("account", a.Dialect, a.Account), l.settings.PerAccount}
}

func digest(parts ...string) string {
	var text []byte
	for _, part := range parts {
		text = fmt.Appendf(text, "%d %s ", len(part), part)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func (l *storeLimiter) Check(ctx context.Context, attempt Attempt) error {
	for _, limit := range l.limits(attempt) {
		if limit.max < 0 {
			continue
		}
		_, counted, err := jsonrecord.Get[count](ctx, l.store, kindThrottle, limit.key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("read wrong passwords: %w", err)
		}
		wait := counted.Last.Add(l.settings.Window).Sub(l.clock.Now())
		if counted.Failures >= limit.max && wait > 0 {
			return &ThrottledError{RetryAfter: (wait + time.Second - 1).Truncate(time.Second)}
		}
	}
	return nil
}

func (l *storeLimiter) Failed(ctx context.Context, attempt Attempt) error {
	for _, limit := range l.limits(attempt) {
		if limit.max < 0 {
			continue
		}
		if err := l.add(ctx, limit.key); err != nil {
			return err
		}
	}
	return nil
}

func (l *storeLimiter) Succeeded(ctx context.Context, attempt Attempt) error {
	limit := l.perAccount(attempt)
	if limit.max < 0 {
		return nil
	}
	// A read is cheaper than a write, and most logins have nothing to reset.
	_, err := l.store.Get(ctx, kindThrottle, limit.key)
	if err == nil {
		err = l.store.Delete(ctx, kindThrottle, limit.key)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("reset wrong passwords: %w", store.Unavailable(err))
	}
	return nil
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
