package account

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/listing"
	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// What callers branch on; see also [ThrottledError].
var (
	// ErrWrongCredentials says that the name or the password is wrong. It never
	// says which.
	ErrWrongCredentials = errors.New("wrong credentials")
	// ErrUnknownKey says that no live API key has this value.
	ErrUnknownKey = errors.New("unknown API key")
	// ErrUnknownUser says that no account has this login, or that it is
	// disabled.
	ErrUnknownUser = errors.New("unknown user")
)

// Config is what a [Directory] is made of.
type Config struct {
	// Accounts cannot be changed; they take precedence over those in the store.
	Accounts []Account
	// Store holds the accounts that a [Registry] changes. Nil: there are none.
	Store store.Store
	// Hasher checks passwords; nil is [Argon2id].
	Hasher Hasher
	// Limiter limits the guessing of passwords; required.
	Limiter Limiter
	// Matcher reads rights; nil is that of the documented grammar.
	Matcher scope.Matcher
	// Clock decides when API keys end; nil is [clock.System].
	Clock clock.Clock
	// Parallel is how many passwords are hashed at once, each at 19 MiB with
	// argon2id. Zero is 4.
	Parallel int
	// Waiting is how many logins may wait to be hashed; the next one ends in an
	// [*OverloadedError] at once, and so does one that would wait for more than
	// half of WaitTimeout, as long as hashing takes as long as of late. Zero is 256.
	Waiting int
	// WaitTimeout is how long a login waits before it ends in an [*OverloadedError].
	// Zero is 15 seconds.
	WaitTimeout time.Duration
	// Audit receives an event for each login. Nil: nothing is recorded.
	Audit audit.Sink
}

// Directory knows the accounts: those of its configuration, and those in the
// store, which it reads again after [Staleness]. It is safe for concurrent use.
type Directory struct {
	fixed   *listing.List[User] // those of the configuration
	byLogin map[string]*entry   // by the canonical login, and by the login as it is written
	byEmail map[string]*entry   // by the canonical address
	byKey   map[[sha256.Size]byte]keyEntry
	dummy   *entry        // hashed in place of an account that does not exist
	cache   *accountCache // nil: there is no store

	hasher  Hasher
	limiter Limiter
	matcher scope.Matcher
	clock   clock.Clock
	gate    *hashGate
	audit   audit.Sink
}

type entry struct {
	user User
	// hash makes the hash of a password in clear on first use: hashing all of
	// them at the start would delay it.
	hash     func() (string, error)
	totp     string // the secret of the authenticator
	disabled bool
	stored   bool // in the store
}

type keyEntry struct {
	owner *entry
	key   APIKey
}

// NewDirectory checks the accounts and returns a directory of them. It hashes
// nothing yet.
func NewDirectory(cfg Config) (*Directory, error) {
	if cfg.Limiter == nil {
		return nil, errors.New("new directory: it needs a limiter")
	}
	d := &Directory{
		byLogin: map[string]*entry{}, byEmail: map[string]*entry{}, byKey: map[[sha256.Size]byte]keyEntry{},
		hasher: cmp.Or[Hasher](cfg.Hasher, Argon2id{}), limiter: cfg.Limiter,
		matcher: cmp.Or[scope.Matcher](cfg.Matcher, scope.Grammar{}), clock: cmp.Or[clock.Clock](cfg.Clock, clock.System{}),
		gate: newHashGate(cfg.Parallel, cfg.Waiting, cfg.WaitTimeout), audit: cmp.Or[audit.Sink](cfg.Audit, audit.Sinks(nil)),
	}
	if cfg.Store != nil {
		d.cache = newAccountCache(cfg.Store, d.clock)
	}
	d.dummy = &entry{hash: d.hashOf(Account{Password: rand.Text()})}
	users := make([]User, len(cfg.Accounts))
	for i, a := range cfg.Accounts {
		if err := d.add(a); err != nil {
			return nil, fmt.Errorf("new directory: %w", err)
		}
		users[i] = a.user()
	}
	d.fixed = listing.New(users)
	return d, nil
}

func (d *Directory) add(a Account) error {
	if err := a.check(d.matcher); err != nil {
		return err
	}
	e := &entry{user: a.user(), hash: d.hashOf(a), totp: a.TOTPSecret}
	login, email := canonicalName(a.Login), canonicalName(e.user.Email)
	switch {
	case d.byLogin[login] != nil:
		return fmt.Errorf("two accounts have the login %q", a.Login)
	case d.byEmail[email] != nil:
		return fmt.Errorf("two accounts have the e-mail address %q", e.user.Email)
	case d.byEmail[login] != nil:
		return fmt.Errorf("the login %q is the e-mail address of account %q", a.Login, d.byEmail[login].user.Login)
	case d.byLogin[email] != nil:
		return fmt.Errorf("the e-mail address %q is the login of another account", e.user.Email)
	}
	d.byLogin[login], d.byLogin[a.Login], d.byEmail[email] = e, e, e
	for _, key := range a.APIKeys {
		digest := sha256.Sum256([]byte(key.Key))
		if _, taken := d.byKey[digest]; taken {
			return fmt.Errorf("API key %q of account %q has the value of another key", key.Name, a.Login)
		}
		key.Key = "" // the digest is enough from here on
		d.byKey[digest] = keyEntry{owner: e, key: key}
	}
	return nil
}

func (d *Directory) hashOf(a Account) func() (string, error) {
	if a.PasswordHash != "" {
		return func() (string, error) { return a.PasswordHash, nil }
	}
	return sync.OnceValues(func() (string, error) { return d.hasher.Hash(typedPassword(a.Password)) })
}

// Verify checks a login or an e-mail address with its password and returns the
// user, who may need a second factor still (User.SecondFactor). Errors are
// [ErrWrongCredentials], [ErrSecondFactor], [*ThrottledError], [*OverloadedError], or
// the store's. An account that does not exist, or is disabled, costs as much
// time as a wrong password. It reads the store itself, never the cache.
func (d *Directory) Verify(ctx context.Context, attempt Attempt, password string) (User, error) {
	user, err := d.verify(ctx, &attempt, password)
	d.audit.Record(ctx, attempt.event(user, err))
	return user, err
}

// event describes how an attempt ended.
func (a Attempt) event(user User, err error) audit.Event {
	event := audit.Event{Kind: audit.LoginUnjudged, Dialect: a.Dialect, Login: a.Account, Unknown: a.unknown, Address: a.Address}
	var throttled *ThrottledError
	switch {
	case err == nil && user.SecondFactor != NoSecondFactor && !a.second, errors.Is(err, ErrSecondFactor):
		event.Login = cmp.Or(user.Login, a.Account) // the password was right, and that is not all
	case err == nil:
		event.Kind, event.Login = audit.LoginSucceeded, user.Login
	case errors.Is(err, ErrWrongCredentials):
		event.Kind = audit.LoginFailed
	case errors.As(err, &throttled):
		event.Kind = audit.LoginThrottled
	}
	return event
}

// verify also says in the attempt that no account has the name.
func (d *Directory) verify(ctx context.Context, asked *Attempt, password string) (user User, err error) {
	attempt := *asked
	e, err := d.find(ctx, attempt.Account)
	asked.unknown = err != nil || e == d.dummy
	if err != nil {
		return User{}, err
	}
	if attempt.Account = canonicalName(attempt.Account); e != d.dummy {
		attempt.Account = e.user.Login // one count, however the account was named (SEC-10)
	}
	bounded, release, err := d.gate.admit(ctx)
	if err != nil {
		return User{}, err
	}
	defer release()
	end, err := d.limiter.Start(bounded, attempt)
	if err != nil {
		return User{}, d.waited(ctx, bounded, err)
	}
	outcome := Unjudged
	defer func() {
		if endErr := end(ctx, outcome); endErr != nil {
			user, err = User{}, endErr
		}
	}()
	right, err := d.compare(ctx, bounded, e, password)
	switch {
	case err != nil:
		return User{}, d.waited(ctx, bounded, err)
	case !right || e == d.dummy || e.disabled:
		outcome = Wrong
		return User{}, ErrWrongCredentials
	}
	if e.user.SecondFactor == NoSecondFactor {
		outcome = Right
	} else if !attempt.AsksSecond {
		return User{}, ErrSecondFactor
	}
	return e.user, nil
}

// waited is an [*OverloadedError] where the time to wait is over, and not the
// caller's own.
func (d *Directory) waited(ctx, bounded context.Context, err error) error {
	if bounded.Err() != nil && ctx.Err() == nil {
		return d.gate.tooLate()
	}
	return err
}

// find looks for a login first, then for an e-mail address. Where there is no
// account it returns the dummy account. It asks the store also for an account of
// the configuration, which comes first: a refused login does not tell by its time
// where an account is kept.
func (d *Directory) find(ctx context.Context, name string) (*entry, error) {
	found := cmp.Or(d.byLogin[canonicalName(name)], d.byEmail[canonicalName(name)], d.dummy)
	if d.cache == nil {
		return found, nil
	}
	account, err := d.cache.records.byName(ctx, name)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return found, nil
	case err != nil:
		return nil, err
	case found != d.dummy:
		return found, nil
	}
	return newEntry(account), nil
}

// ByLogin returns the user with this login. The error is
// [ErrUnknownUser] where there is none, or where the account is disabled, or
// the store's.
func (d *Directory) ByLogin(ctx context.Context, login string) (User, error) {
	e, err := d.entry(ctx, login)
	if err != nil {
		return User{}, err
	}
	return e.user, nil
}

func (d *Directory) entry(ctx context.Context, login string) (*entry, error) {
	e, err := d.byLogin[login], error(nil)
	if e == nil && d.cache != nil {
		e, err = d.cache.byLogin(ctx, login)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if e == nil || e.disabled {
		return nil, ErrUnknownUser
	}
	return e, nil
}

// Epoch implements grant.Accounts.
func (d *Directory) Epoch(ctx context.Context, login string) (epoch int64, active bool, err error) {
	user, err := d.ByLogin(ctx, login)
	if errors.Is(err, ErrUnknownUser) {
		return 0, false, nil
	}
	return user.Epoch, err == nil, err
}

// CurrentEpoch is Epoch without a cache: a login sees a change at once, and its
// token is good at once, at every replica.
func (d *Directory) CurrentEpoch(ctx context.Context, login string) (epoch int64, active bool, err error) {
	if d.byLogin[login] == nil && d.cache != nil {
		if _, err := d.cache.read(ctx, login); err != nil && !errors.Is(err, store.ErrNotFound) {
			return 0, false, err
		}
	}
	return d.Epoch(ctx, login)
}

// ByAPIKey returns the owner of an API key and what the key permits. The error
// is [ErrUnknownKey] for unknown and expired keys and those of disabled
// accounts, or the store's.
func (d *Directory) ByAPIKey(ctx context.Context, key string) (User, Rights, error) {
	found, ok := d.byKey[sha256.Sum256([]byte(key))]
	user := User{}
	switch {
	case ok:
		user = found.owner.user
	case d.cache == nil:
		return User{}, nil, ErrUnknownKey
	default:
		login, stored, err := d.cache.records.byKey(ctx, key)
		if err == nil {
			user, err = d.ByLogin(ctx, login)
		}
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, ErrUnknownUser) {
			err = ErrUnknownKey
		}
		if err != nil {
			return User{}, nil, err
		}
		found.key = APIKey{Permissions: stored.Permissions, ExpiresAt: stored.ExpiresAt}
	}
	if !found.key.ExpiresAt.IsZero() && !d.clock.Now().Before(found.key.ExpiresAt) {
		return User{}, nil, ErrUnknownKey
	}
	return user, found.key.Permissions, nil
}

// Users are users in a list that does not change.
type Users = listing.List[User]

// Users returns all users that are not disabled: those of the configuration in
// its order, then those in the store by login. The list must not be changed.
func (d *Directory) Users(ctx context.Context) (*Users, error) {
	if d.cache == nil {
		return d.fixed, nil
	}
	return d.cache.users(ctx, d.fixed.Items)
}

// May says whether the user's rights allow the request. The path is
// url.URL.EscapedPath.
func (d *Directory) May(user User, method, escapedPath string) bool {
	return user.rights.Allow(d.matcher, method, escapedPath)
}
