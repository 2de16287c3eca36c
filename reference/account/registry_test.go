package account_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// shelf is a registry and a directory over one store, as in two processes.
type shelf struct {
	*account.Registry
	directory *account.Directory
	clock     *clock.Offset
	store     store.Store
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{clock: stopped(), store: memory.New()}
	s.directory = newDirectory(t, account.Config{
		Store: s.store, Clock: s.clock, Accounts: []account.Account{{Login: "fixed", Email: "fixed@example.com", Password: "fixed"}},
	})
	var err error
	if s.Registry, err = account.NewRegistry(s.store, account.FastHasher{}, nil); err != nil {
		t.Fatal(err)
	}
	s.must(t, s.Add(t.Context(), account.Account{
		Login: "ann", Email: "Ann@Example.com", Name: "Ann", Password: "first", Rights: scope.Rights{"GET /users"}, Roles: []string{"r"},
		APIKeys: []account.APIKey{{Name: "ci", Key: "0123456789abcdef", Permissions: scope.Rights{"*"}}},
	}))
	return s
}

func (s *shelf) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *shelf) login(t *testing.T, name, password string, want error) account.User {
	t.Helper()
	user, err := s.directory.Verify(t.Context(), try(name), password)
	if !errors.Is(err, want) {
		t.Errorf("%s logs in with %q: %v, want %v", name, password, err, want)
	}
	return user
}

func TestStoredAccountsLogIn(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for _, name := range []string{"ann", "Ann", "ann@example.com", "ANN@EXAMPLE.COM"} {
		if user := s.login(t, name, "first", nil); user.Login != "ann" || user.Email != "Ann@Example.com" || fmt.Sprint(user.Roles) != "[r]" {
			t.Errorf("the user is %+v", user)
		}
		s.login(t, name, "wrong", account.ErrWrongCredentials)
	}
	s.login(t, "fixed", "fixed", nil)
	users, err := s.directory.Users(t.Context())
	if err != nil || len(users.Items) != 2 || users.Items[0].Login != "fixed" || users.Items[1].Login != "ann" {
		t.Errorf("the users are %+v (%v)", users, err)
	}
	user, permissions, err := s.directory.ByAPIKey(t.Context(), "0123456789abcdef")
	if err != nil || user.Login != "ann" || fmt.Sprint(permissions) != "[*]" {
		t.Errorf("the API key is %v's, for %v (%v)", user.Login, permissions, err)
	}
}

func TestAddRejectsWhatIsTaken(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for _, a := range []account.Account{
		{Login: "ann", Password: "x"},
		{Login: "ANN", Password: "x"},
		{Login: "other", Email: "Ann", Password: "x"},
		{Login: "other", Email: "ANN@example.com", Password: "x"},
		{Login: "ann@example.com", Password: "x"},
		{Login: "bob", Password: "x", APIKeys: []account.APIKey{{Key: "0123456789abcdef"}}},
	} {
		if err := s.Add(t.Context(), a); !errors.Is(err, account.ErrTaken) {
			t.Errorf("add %+v: %v", a, err)
		}
	}
	if err := s.Add(t.Context(), account.Account{Login: "", Password: "x"}); err == nil {
		t.Error("an account without a login was added")
	}
	for what, err := range map[string]error{
		"password": s.SetPassword(t.Context(), "nobody", "x"), "disable": s.Disable(t.Context(), "nobody"), "enable": s.Enable(t.Context(), "nobody"),
		"grant": s.Grant(t.Context(), "nobody", nil), "key": s.AddAPIKey(t.Context(), "nobody", account.APIKey{Key: "fedcba9876543210"}),
		"revoke": s.RevokeAPIKeys(t.Context(), "ann", "no such key"),
	} {
		if !errors.Is(err, account.ErrNoAccount) {
			t.Errorf("%s of nobody: %v", what, err)
		}
	}
	if err := s.SetPassword(t.Context(), "ann", ""); err == nil {
		t.Error("an empty password was accepted")
	}
}

// TestAddsAtOnce adds many accounts with the same login and address at once.
func TestAddsAtOnce(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	var added atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			switch err := s.Add(context.Background(), account.Account{Login: "bob", Email: "bob@example.com", Password: "x"}); {
			case err == nil:
				added.Add(1)
			case !errors.Is(err, account.ErrTaken):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if added.Load() != 1 {
		t.Errorf("%d of 20 were added, want 1", added.Load())
	}
	s.login(t, "bob@example.com", "x", nil)
}

// TestChangesEndWhatWasGranted checks the epoch, with which grants are compared,
// and when requests see it.
func TestChangesEndWhatWasGranted(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	epoch := func() (int64, bool) {
		e, active, err := s.directory.Epoch(t.Context(), "ann")
		if err != nil {
			t.Fatal(err)
		}
		return e, active
	}
	first, _ := epoch()
	want := func(when string, raised int64, wantActive bool) {
		t.Helper()
		if e, active := epoch(); active != wantActive || active && e != first+raised {
			t.Errorf("%s the epoch is %d, active %v; want %d, %v", when, e, active, first+raised, wantActive)
		}
	}
	want("at first", 0, true)
	s.must(t, s.SetPassword(t.Context(), "ann", "second"))
	s.login(t, "ann", "first", account.ErrWrongCredentials)
	if user := s.login(t, "ann", "second", nil); user.Epoch != first+1 {
		t.Errorf("a login sees the epoch %d, want %d at once", user.Epoch, first+1)
	}
	s.clock.Advance(account.Staleness)
	want("after a new password", 1, true)
	s.must(t, s.Disable(t.Context(), "ann"))
	s.login(t, "ann", "second", account.ErrWrongCredentials)
	s.clock.Advance(account.Staleness)
	want("when disabled", 0, false)
	if _, _, err := s.directory.ByAPIKey(t.Context(), "0123456789abcdef"); !errors.Is(err, account.ErrUnknownKey) {
		t.Errorf("the API key of a disabled account: %v", err)
	}
	s.must(t, s.Enable(t.Context(), "ann"))
	s.clock.Advance(account.Staleness)
	want("when enabled again", 2, true)
	s.must(t, s.Grant(t.Context(), "ann", scope.Rights{"GET /items"}))
	s.clock.Advance(account.Staleness)
	want("after new rights", 2, true)
	s.must(t, s.EndSessions(t.Context(), "ann"))
	s.clock.Advance(account.Staleness)
	want("after the end of all sessions", 3, true)
	user, err := s.directory.ByLogin(t.Context(), "ann")
	if err != nil || s.directory.May(user, "GET", "/users") || !s.directory.May(user, "GET", "/items") {
		t.Errorf("the rights did not change (%v)", err)
	}
	s.must(t, s.RevokeAPIKeys(t.Context(), "ann", "ci"))
	if _, _, err := s.directory.ByAPIKey(t.Context(), "0123456789abcdef"); !errors.Is(err, account.ErrUnknownKey) {
		t.Errorf("a revoked API key: %v", err)
	}
}

// rehasher is a hasher whose parameters have changed since it made one hash.
type rehasher struct {
	account.FastHasher
	outdated string
}

func (r rehasher) Outdated(hash string) bool { return hash == r.outdated }

func TestOutdatedHashesAreReplaced(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	old := storedHash(t, s.store)
	before := s.login(t, "ann", "first", nil)
	d := newDirectory(t, account.Config{Store: s.store, Clock: s.clock, Hasher: rehasher{outdated: old}})
	for _, password := range []string{"wrong", "first", "first"} {
		_, err := d.Verify(t.Context(), try("ann"), password)
		if (err == nil) != (password == "first") {
			t.Errorf("login with %q: %v", password, err)
		}
		if changed := storedHash(t, s.store) != old; changed != (password == "first") {
			t.Errorf("after %q the hash has changed: %v", password, changed)
		}
	}
	user, err := d.Verify(t.Context(), try("ann"), "first")
	if err != nil || user.Epoch != before.Epoch {
		t.Errorf("a new hash ended the sessions: epoch %d (%v)", user.Epoch, err)
	}
}

func storedHash(t *testing.T, s store.Store) string {
	t.Helper()
	record, err := s.Get(t.Context(), "account", "ann")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(record.Value), `"hash":"`)
	hash, _, _ := strings.Cut(rest, `"`)
	return hash
}

func TestArgon2idFindsOutdatedHashes(t *testing.T) {
	t.Parallel()
	for hash, want := range map[string]bool{
		"$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$a2V5": false, "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$a2V5": false,
		"$argon2id$v=19$m=19455,t=2,p=1$c2FsdA$a2V5": true, "$argon2id$v=19$m=19456,t=1,p=1$c2FsdA$a2V5": true, "nonsense": false,
	} {
		if got := (account.Argon2id{}).Outdated(hash); got != want {
			t.Errorf("%s is outdated: %v, want %v", hash, got, want)
		}
	}
}

type slow struct {
	account.FastHasher
	reached chan struct{}
	release chan struct{}
}

func (s slow) Verify(hash, password string) (bool, error) {
	s.reached <- struct{}{}
	<-s.release
	return s.FastHasher.Verify(hash, password)
}

// TestAFullQueueRejectsAtOnce runs one login, lets one wait, and sends a third.
func TestAFullQueueRejectsAtOnce(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	hasher := slow{reached: make(chan struct{}), release: make(chan struct{})}
	d := newDirectory(t, account.Config{Store: s.store, Hasher: hasher, Parallel: 1, Waiting: 1, WaitTimeout: time.Hour})
	results := make(chan error, 3)
	for range 3 {
		go func() {
			_, err := d.Verify(context.Background(), try("ann"), "first")
			results <- err
		}()
	}
	<-hasher.reached
	if err := <-results; !errors.Is(err, account.ErrOverloaded) {
		t.Errorf("the third login ends in %v", err)
	}
	close(hasher.release)
	<-hasher.reached
	for range 2 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
}

type down struct{ store.Store }

func (down) Get(context.Context, store.Kind, string) (store.Record, error) {
	return store.Record{}, errors.New("connection refused")
}

func TestStoreDownIsNoWrongPassword(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, account.Config{Store: down{memory.New()}})
	_, verify := d.Verify(t.Context(), try("ann"), "first")
	_, byLogin := d.ByLogin(t.Context(), "ann")
	_, _, byKey := d.ByAPIKey(t.Context(), "0123456789abcdef")
	for what, err := range map[string]error{"a login": verify, "a request": byLogin, "an API key": byKey} {
		if !errors.Is(err, store.ErrUnavailable) || errors.Is(err, account.ErrWrongCredentials) {
			t.Errorf("%s without a store ends in %v", what, err)
		}
	}
}
