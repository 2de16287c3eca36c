package grant

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// The kinds of records, one per dialect.
const (
	kindSession store.Kind = wire.Session
	kindForm    store.Kind = wire.Form
	kindRPC     store.Kind = wire.RPC
	kindScoped  store.Kind = wire.Scoped
)

// Config holds the parts of a [Service]. All but Store may be zero.
type Config struct {
	Store store.Store
	// Clock decides when tokens end; nil is [clock.System].
	Clock clock.Clock
	// Rand is the source of ids and tokens, safe for concurrent use; nil is
	// crypto/rand.
	Rand io.Reader
	// Keys sign and authenticate tokens; nil is a ring in the store.
	Keys *keyring.Ring
	// RPCSigner signs rpc tokens; nil is RS256 with the keys.
	RPCSigner Signer
	// ScopedSigner signs scoped tokens; nil is HS256 with the keys.
	ScopedSigner Signer
	// Accounts say which grants have ended with their account; nil: none have.
	Accounts Accounts
	// Issuer is the iss claim of rpc tokens; empty is "DRAGOMAN".
	Issuer string
	// Matcher compares scopes; nil is [scope.Grammar].
	Matcher   scope.Matcher
	Lifetimes Lifetimes
	// PerAccount is how many grants of one dialect an account has; the oldest end when
	// there are more. Those that have expired do not count, a session an hour later. It
	// is checked at one of sixteen logins. Zero is 10,000.
	PerAccount int
	// Audit receives what is issued, renewed and revoked; nil: nothing is
	// recorded.
	Audit audit.Sink
}

// Accounts knows the epoch of every account. The epoch rises when all grants of
// the account end: with a new password, or when the account is disabled.
// Implementations are safe for concurrent use.
type Accounts interface {
	// Epoch returns an account's epoch, and whether it exists and may log in.
	// Errors wrap [store.ErrUnavailable].
	Epoch(ctx context.Context, login string) (epoch int64, active bool, err error)
}

// CachedAccounts are Accounts whose Epoch may be of a moment ago. A grant that it
// does not fit may be younger than that: then CurrentEpoch tells.
type CachedAccounts interface {
	Accounts
	CurrentEpoch(ctx context.Context, login string) (epoch int64, active bool, err error)
}

// Subject is the account that a grant is issued to.
type Subject struct {
	Login string
	// Epoch is that of the account when its password was checked.
	Epoch int64
	// UserID and Roles are claims of rpc tokens.
	UserID string
	Roles  []string
}

// Service issues grants and checks tokens. It is safe for concurrent use, also
// by several processes over one store.
type Service struct {
	store    store.Store
	clock    clock.Clock
	random   io.Reader
	keys     *keyring.Ring
	rpc      Signer   // nil: signed with the keys
	scoped   Signer   // nil: signed with the keys
	accounts Accounts // nil: grants do not depend on accounts
	issuer   string
	matcher  scope.Matcher
	lives    Lifetimes
	most     int // grants of one dialect and account
	audit    audit.Sink
	macs     sync.Map // of *macKey by the id of the secret; made when they are needed
}

// New checks the configuration and returns a service.
func New(cfg Config) (*Service, error) {
	if cfg.Store == nil {
		return nil, errors.New("new grant service: it needs a store")
	}
	s := &Service{
		store: cfg.Store, clock: cmp.Or[clock.Clock](cfg.Clock, clock.System{}), random: cmp.Or(cfg.Rand, rand.Reader), keys: cfg.Keys,
		rpc: cfg.RPCSigner, scoped: cfg.ScopedSigner, accounts: cfg.Accounts, issuer: cmp.Or(cfg.Issuer, "DRAGOMAN"),
		most: cmp.Or(cfg.PerAccount, maxPerAccount), matcher: cmp.Or[scope.Matcher](cfg.Matcher, scope.Grammar{}), audit: cmp.Or[audit.Sink](cfg.Audit, audit.Sinks(nil)),
	}
	var err error
	if s.lives, err = cfg.Lifetimes.withDefaults(); err != nil {
		return nil, fmt.Errorf("new grant service: %w", err)
	}
	if s.keys == nil {
		if s.keys, err = keyring.New(keyring.Config{Store: s.store, Clock: s.clock, Rand: s.random}); err != nil {
			return nil, fmt.Errorf("new grant service: %w", err)
		}
	}
	return s, nil
}

// now is in whole milliseconds, like times in the store, so that the end of a
// token does not change when it is stored.
func (s *Service) now() time.Time { return s.clock.Now().UTC().Truncate(time.Millisecond) }

// draw returns size random bytes in hex.
func (s *Service) draw(size int) (string, error) {
	bytes := make([]byte, size)
	if _, err := io.ReadFull(s.random, bytes); err != nil {
		return "", fmt.Errorf("draw a token: %w", err)
	}
	return hex.EncodeToString(bytes), nil
}

// Grant is a session or a token as its owner may see it, without the token.
type Grant struct {
	// ID is public: it identifies the grant in lists and paths.
	ID    string
	Login string
	Epoch int64
	// Name is the name that the owner gave it (scoped); may be empty.
	Name string
	// Scopes limit what it allows (scoped); nil is no limit.
	Scopes []string
	// Address and Agent are those of the client at the login (session).
	Address, Agent string
	IssuedAt       time.Time
	// RenewedAt is when a session was last refreshed or renewed, or a form token
	// extended; zero is never. Requests that renew nothing are not recorded.
	RenewedAt time.Time
	// ExpiresAt is the end of the token that was presented, or, in a list, of
	// the whole grant.
	ExpiresAt time.Time
}

func (r *record) grant(id string, ends time.Time) Grant {
	renewed := r.Renewed
	if r.Refresh != nil && r.Refresh.Counter > 0 {
		renewed = r.Refresh.Made
	}
	g := Grant{
		ID: id, Login: r.Login, Epoch: r.Epoch, Name: r.Name, Scopes: r.Scopes, Address: r.Addr, Agent: r.Agent,
		IssuedAt: time.UnixMilli(r.Issued).UTC(), ExpiresAt: ends,
	}
	if renewed != 0 {
		g.RenewedAt = time.UnixMilli(renewed).UTC()
	}
	return g
}

// create stores a new grant.
func (s *Service) create(ctx context.Context, kind store.Kind, id string, r *record) error {
	if err := s.store.Create(ctx, r.stored(kind, id)); err != nil {
		return store.Unavailable(err)
	}
	s.record(ctx, audit.Issued, kind, id, r.Login)
	if strings.HasSuffix(id, "0") { // ids are drawn: one of sixteen
		s.endOldest(ctx, kind, r.Login)
	}
	return nil
}

// record writes to the audit log what happened to a grant.
func (s *Service) record(ctx context.Context, what audit.Kind, kind store.Kind, id, login string) {
	s.audit.Record(ctx, audit.Event{Kind: what, Dialect: string(kind), Login: login, Address: audit.Address(ctx), Grant: id, By: audit.By(ctx)})
}

// load reads the grant with an id. An empty or unknown id, and a grant that has
// ended with its account, is ErrInvalid.
func (s *Service) load(ctx context.Context, kind store.Kind, id string) (record, error) {
	if id == "" {
		return record{}, ErrInvalid
	}
	stored, err := s.store.Get(ctx, kind, id)
	if errors.Is(err, store.ErrNotFound) {
		return record{}, ErrInvalid
	}
	if err != nil {
		return record{}, store.Unavailable(err)
	}
	return s.current(ctx, stored)
}

// current decodes a grant, or returns ErrInvalid when it has ended with its
// account.
func (s *Service) current(ctx context.Context, stored store.Record) (record, error) {
	r, err := decode(stored.Value)
	if err != nil {
		return record{}, err
	}
	unchanged, err := s.accountUnchanged(ctx, &r)
	if err == nil && !unchanged {
		err = ErrInvalid
	}
	if err != nil {
		return record{}, err
	}
	return r, nil
}

// accountUnchanged says whether the account of a grant still has the epoch that it
// had when the grant was made.
func (s *Service) accountUnchanged(ctx context.Context, r *record) (bool, error) {
	if s.accounts == nil {
		return true, nil
	}
	epoch, active, err := s.accounts.Epoch(ctx, r.Login)
	if cached, ok := s.accounts.(CachedAccounts); ok && err == nil && (!active || epoch != r.Epoch) {
		epoch, active, err = cached.CurrentEpoch(ctx, r.Login)
	}
	return active && epoch == r.Epoch, err
}

// change edits a grant; see [store.Change]. It returns the grant as the edit left it.
func (s *Service) change(ctx context.Context, kind store.Kind, id string, edit func(*record) error) (record, error) {
	var r record
	err := store.Change(ctx, s.store, kind, id, func(stored *store.Record) (err error) {
		if stored.Version == 0 {
			return ErrInvalid
		}
		if r, err = s.current(ctx, *stored); err != nil {
			return err
		}
		if err := edit(&r); err != nil {
			return err
		}
		changed := r.stored(kind, id)
		changed.Version = stored.Version
		*stored = changed
		return nil
	})
	if err != nil {
		return record{}, err
	}
	return r, nil
}

// check compares a token with the grant that it names.
func (s *Service) check(ctx context.Context, kind store.Kind, id, token string) (Grant, error) {
	r, err := s.load(ctx, kind, id)
	if err != nil {
		return Grant{}, err
	}
	found, err := r.live(s.now(), token)
	if err != nil {
		return Grant{}, err
	}
	return r.grant(id, time.UnixMilli(found.Ends).UTC()), nil
}

// live returns the token's entry in the record, or why the token is rejected.
func (r *record) live(now time.Time, token string) (liveToken, error) {
	found, there := r.Tokens.find(token)
	if !there {
		return liveToken{}, ErrInvalid
	}
	if found.ended(now) {
		return liveToken{}, ErrExpired
	}
	return found, nil
}

// owned returns a live grant of a user by its id, or ErrNotFound.
func (s *Service) owned(ctx context.Context, kind store.Kind, login, id string) (Grant, error) {
	r, err := s.load(ctx, kind, id)
	switch {
	case errors.Is(err, ErrInvalid):
		return Grant{}, ErrNotFound
	case err != nil:
		return Grant{}, err
	case r.Login != login || !s.now().Before(r.ends()):
		return Grant{}, ErrNotFound
	}
	return r.grant(id, r.ends()), nil
}

// revoke ends a live grant of a user by its id, or returns ErrNotFound.
func (s *Service) revoke(ctx context.Context, kind store.Kind, login, id string) error {
	if _, err := s.owned(ctx, kind, login, id); err != nil {
		return err
	}
	return s.end(ctx, kind, id, login, ErrNotFound)
}

// end removes a grant. It returns missing when there is none any more.
func (s *Service) end(ctx context.Context, kind store.Kind, id, login string, missing error) error {
	err := s.store.Delete(ctx, kind, id)
	if errors.Is(err, store.ErrNotFound) {
		return missing
	}
	if err != nil {
		return store.Unavailable(err)
	}
	s.record(ctx, audit.Revoked, kind, id, login)
	return nil
}
