package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/scope"
)

// What callers branch on; see also [ThrottledError].
var (
	// ErrWrongCredentials says that name and password do not fit, and never
	// which of them was wrong.
	ErrWrongCredentials = errors.New("wrong credentials")
	// ErrUnknownKey says that no live API key has this value.
	ErrUnknownKey = errors.New("unknown API key")
	// ErrOverloaded says that too many passwords are being checked.
	ErrOverloaded = errors.New("too many logins at once: try again shortly")
)

// Config is what a [Directory] is made of.
type Config struct {
	Accounts []Account
	// Hasher checks passwords; nil is [Argon2id].
	Hasher Hasher
	// Limiter slows guessing; required.
	Limiter Limiter
	// Matcher reads rights; nil is [scope.Grammar].
	Matcher scope.Matcher
	// Clock ends API keys; nil is [clock.System].
	Clock clock.Clock
	// Parallel is how many passwords are hashed at once, each at 19 MiB with
	// argon2id. Zero is 4.
	Parallel int
	// Patience is how long a login waits for its turn before it ends in
	// [ErrOverloaded]. Zero is 15 seconds.
	Patience time.Duration
}

// Directory holds the accounts. It is safe for concurrent use.
type Directory struct {
	accounts []*entry
	byLogin  map[string]*entry
	byEmail  map[string]*entry
	byKey    map[[sha256.Size]byte]keyEntry
	stranger *entry // checked in place of an account that does not exist

	hasher   Hasher
	limiter  Limiter
	matcher  scope.Matcher
	clock    clock.Clock
	turns    *semaphore.Weighted
	patience time.Duration
}

type entry struct {
	user User
	// hash makes the hash of a password in clear on first use: hashing all of
	// them at the start would delay it.
	hash func() (string, error)
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
		hasher: cfg.Hasher, limiter: cfg.Limiter, matcher: cfg.Matcher, clock: cfg.Clock, patience: cfg.Patience,
	}
	if d.hasher == nil {
		d.hasher = Argon2id{}
	}
	if d.matcher == nil {
		d.matcher = scope.Grammar{}
	}
	if d.clock == nil {
		d.clock = clock.System{}
	}
	if d.patience == 0 {
		d.patience = 15 * time.Second
	}
	if cfg.Parallel == 0 {
		cfg.Parallel = 4
	}
	d.turns = semaphore.NewWeighted(int64(cfg.Parallel))
	d.stranger = &entry{hash: d.hashOf(Account{Password: rand.Text()})}
	for _, a := range cfg.Accounts {
		if err := d.add(a); err != nil {
			return nil, fmt.Errorf("new directory: %w", err)
		}
	}
	return d, nil
}

func (d *Directory) add(a Account) error {
	if err := a.check(d.matcher); err != nil {
		return err
	}
	e := &entry{user: a.user(), hash: d.hashOf(a)}
	email := strings.ToLower(e.user.Email)
	if d.byLogin[a.Login] != nil {
		return fmt.Errorf("two accounts have the login %q", a.Login)
	}
	if d.byEmail[email] != nil {
		return fmt.Errorf("two accounts have the e-mail address %q", e.user.Email)
	}
	d.accounts = append(d.accounts, e)
	d.byLogin[a.Login], d.byEmail[email] = e, e
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
	return sync.OnceValues(func() (string, error) { return d.hasher.Hash(a.Password) })
}

// Verify checks a login or an e-mail address with its password and returns the
// user. Errors are [ErrWrongCredentials], [*ThrottledError], [ErrOverloaded],
// or the store's. An account that does not exist costs as much as a wrong
// password.
func (d *Directory) Verify(ctx context.Context, attempt Attempt, password string) (User, error) {
	if err := d.limiter.Check(ctx, attempt); err != nil {
		return User{}, err
	}
	e := d.find(attempt.Account)
	if e == nil {
		e = d.stranger
	}
	right, err := d.compare(ctx, e, password)
	if err != nil {
		return User{}, err
	}
	if !right || e == d.stranger {
		if err := d.limiter.Failed(ctx, attempt); err != nil {
			return User{}, err
		}
		return User{}, ErrWrongCredentials
	}
	return e.user, d.limiter.Succeeded(ctx, attempt)
}

// find looks for a login first: it is the narrower name.
func (d *Directory) find(name string) *entry {
	if e := d.byLogin[name]; e != nil {
		return e
	}
	return d.byEmail[strings.ToLower(name)]
}

// compare waits for its turn, because every comparison may take 19 MiB.
func (d *Directory) compare(ctx context.Context, e *entry, password string) (bool, error) {
	if len(password) > maxPassword {
		return false, nil
	}
	waiting, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	if err := d.turns.Acquire(waiting, 1); err != nil {
		if ctx.Err() != nil {
			return false, fmt.Errorf("check a password: %w", ctx.Err())
		}
		return false, ErrOverloaded
	}
	defer d.turns.Release(1)
	hash, err := e.hash()
	if err != nil {
		return false, fmt.Errorf("check a password: %w", err)
	}
	right, err := d.hasher.Verify(hash, password)
	if err != nil {
		return false, fmt.Errorf("check the password of account %q: %w", e.user.Login, err)
	}
	return right, nil
}

// ByLogin returns the user with exactly this login.
func (d *Directory) ByLogin(login string) (User, bool) {
	e := d.byLogin[login]
	if e == nil {
		return User{}, false
	}
	return e.user, true
}

// ByAPIKey returns the owner of an API key and what the key permits. The error
// is [ErrUnknownKey] for unknown and expired keys.
func (d *Directory) ByAPIKey(key string) (User, scope.Rights, error) {
	found, ok := d.byKey[sha256.Sum256([]byte(key))]
	if !ok || !found.key.ExpiresAt.IsZero() && !d.clock.Now().Before(found.key.ExpiresAt) {
		return User{}, nil, ErrUnknownKey
	}
	return found.owner.user, found.key.Permissions, nil
}

// Users returns all users in the order of the configuration.
func (d *Directory) Users() []User {
	users := make([]User, len(d.accounts))
	for i, e := range d.accounts {
		users[i] = e.user
	}
	return users
}

// May says whether the user's rights name the request; the path is
// url.URL.EscapedPath.
func (d *Directory) May(user User, method, escapedPath string) bool {
	return user.rights.Allow(d.matcher, method, escapedPath)
}
