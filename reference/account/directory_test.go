package account_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/account"
)

func newDirectory(t *testing.T, cfg account.Config) *account.Directory {
	t.Helper()
	if cfg.Limiter == nil {
		cfg.Limiter = newLimiter(t, account.Throttle{}, stopped())
	}
	if cfg.Hasher == nil {
		cfg.Hasher = account.FastHasher{}
	}
	d, err := account.NewDirectory(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func try(name string) account.Attempt {
	return account.Attempt{Dialect: "form", Account: name, Address: "192.0.2.1"}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	hash, err := account.FastHasher{}.Hash("stored")
	if err != nil {
		t.Fatal(err)
	}
	d := newDirectory(t, account.Config{Accounts: []account.Account{
		{Login: "root", Email: "Root@Example.com", Name: "Root", Password: "root"}, {Login: "hashed", PasswordHash: hash},
		{Login: "root@example.org", Password: "other"},
	}})
	for _, c := range []struct {
		name, password, login string // "" is rejected
	}{
		{"root", "root", "root"}, {"root@example.com", "root", "root"}, {"ROOT@EXAMPLE.COM", "root", "root"}, {"hashed", "stored", "hashed"},
		{"root@example.org", "other", "root@example.org"},
		{"Root", "root", "root"}, {"ｒｏｏｔ", "root", "root"}, {"root", "Root", ""}, {" root", "root", ""}, {"root", "", ""}, {"", "", ""}, {"hashed", hash, ""}, {"nobody", "root", ""},
	} {
		user, err := d.Verify(t.Context(), try(c.name), c.password)
		if user.Login != c.login || c.login == "" && !errors.Is(err, account.ErrWrongCredentials) || c.login != "" && err != nil {
			t.Errorf("Verify(%q, %q) is %q (%v), want %q", c.name, c.password, user.Login, err, c.login)
		}
	}
	root, _ := d.ByLogin(t.Context(), "root")
	if root.ID == "" || root.Email != "Root@Example.com" || root.Name != "Root" {
		t.Errorf("the user is %+v", root)
	}
	if _, err := d.ByLogin(t.Context(), "nobody"); !errors.Is(err, account.ErrUnknownUser) {
		t.Errorf("nobody is known (%v)", err)
	}
}

func TestABrokenHashIsNoWrongPassword(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, account.Config{Accounts: []account.Account{{Login: "a", PasswordHash: "nonsense"}}})
	if _, err := d.Verify(t.Context(), try("a"), "a"); !errors.Is(err, account.ErrHash) || errors.Is(err, account.ErrWrongCredentials) {
		t.Errorf("the error is %v, want ErrHash", err)
	}
}

// counting counts what is hashed, and how much of it at once.
type counting struct {
	account.FastHasher
	verified, running, most atomic.Int32
	proceed                 chan struct{} // nil: it does not wait
}

func (c *counting) Verify(hash, password string) (bool, error) {
	c.verified.Add(1)
	running := c.running.Add(1)
	defer c.running.Add(-1)
	for most := c.most.Load(); running > most && !c.most.CompareAndSwap(most, running); most = c.most.Load() {
	}
	if c.proceed != nil {
		<-c.proceed
	}
	return c.FastHasher.Verify(hash, password)
}

func TestUnknownUsersCostTheSame(t *testing.T) { // SES-12, FRM-19, RPC-13
	t.Parallel()
	hasher := &counting{}
	d := newDirectory(t, account.Config{Accounts: []account.Account{{Login: "root", Password: "root"}}, Hasher: hasher})
	for i, name := range []string{"root", "nobody", ""} {
		if _, err := d.Verify(t.Context(), try(name), "Wrong-1"); !errors.Is(err, account.ErrWrongCredentials) {
			t.Errorf("%q: the error is %v", name, err)
		}
		if got := hasher.verified.Load(); got != int32(i+1) {
			t.Errorf("%q: %d passwords were hashed, want %d", name, got, i+1)
		}
	}
}

// acceptAll accepts every password.
type acceptAll struct{ account.FastHasher }

func (acceptAll) Verify(string, string) (bool, error) { return true, nil }

func TestUnknownAccountsNeverLogIn(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, account.Config{Hasher: acceptAll{}})
	if user, err := d.Verify(t.Context(), try("nobody"), "x"); !errors.Is(err, account.ErrWrongCredentials) {
		t.Errorf("nobody logged in as %+v (%v)", user, err)
	}
}

func TestThrottledAttemptsAreNotHashed(t *testing.T) {
	t.Parallel()
	hasher := &counting{}
	d := newDirectory(t, account.Config{Accounts: []account.Account{{Login: "root", Password: "root"}}, Hasher: hasher})
	for range 15 {
		_, _ = d.Verify(t.Context(), try("root"), "Wrong-1") // judged by the count below
	}
	if got := hasher.verified.Load(); got != 10 {
		t.Errorf("%d passwords were hashed, want 10", got)
	}
	var throttled *account.ThrottledError
	if _, err := d.Verify(t.Context(), try("root"), "root"); !errors.As(err, &throttled) {
		t.Errorf("the right password during the wait: %v", err)
	}
}

func TestHashingIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hasher := &counting{proceed: make(chan struct{})}
		d := newDirectory(t, account.Config{
			Accounts: []account.Account{{Login: "root", Password: "root"}}, Hasher: hasher, Parallel: 2, WaitTimeout: time.Second,
		})
		var overloaded atomic.Int32
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				_, err := d.Verify(t.Context(), try("root"), "root")
				if errors.Is(err, account.ErrOverloaded) {
					overloaded.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		synctest.Wait()
		if _, err := d.Verify(ctx, try("root"), "root"); !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled caller: %v", err)
		}
		time.AfterFunc(2*time.Second, func() { close(hasher.proceed) })
		wg.Wait()
		if most, waited := hasher.most.Load(), overloaded.Load(); most != 2 || waited != 3 {
			t.Errorf("%d were hashed at once and %d rejected, want 2 and 3", most, waited)
		}
	})
}

func TestRightsAndKeys(t *testing.T) {
	t.Parallel()
	c := stopped()
	d := newDirectory(t, account.Config{Clock: c, Accounts: []account.Account{
		{Login: "reader", Password: "x", Rights: scope.Rights{"GET /users"}, APIKeys: []account.APIKey{
			{Name: "short-lived", Key: "0123456789abcdef", Permissions: scope.Rights{"*"}, ExpiresAt: noon.Add(time.Hour)},
		}},
	}})
	user, permissions, err := d.ByAPIKey(t.Context(), "0123456789abcdef")
	if err != nil || user.Login != "reader" || fmt.Sprint(permissions) != "[*]" {
		t.Errorf("the key is %v's, for %v (%v)", user.Login, permissions, err)
	}
	if !d.May(user, "GET", "/users") || d.May(user, "DELETE", "/users") || d.May(account.User{}, "GET", "/users") {
		t.Error("the rights are wrong")
	}
	c.Advance(time.Hour)
	for _, key := range []string{"0123456789abcdef", "0123456789abcdeF", ""} {
		if _, _, err := d.ByAPIKey(t.Context(), key); !errors.Is(err, account.ErrUnknownKey) {
			t.Errorf("key %q: %v", key, err)
		}
	}
}

func TestUserIDsAreStableUUIDs(t *testing.T) {
	t.Parallel()
	accounts := []account.Account{{Login: "root", Password: "x"}, {Login: "clerk", Password: "x"}}
	one, err1 := newDirectory(t, account.Config{Accounts: accounts}).Users(t.Context())
	other, err2 := newDirectory(t, account.Config{Accounts: accounts}).Users(t.Context())
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if one.Items[0].ID != other.Items[0].ID || one.Items[0].ID == one.Items[1].ID || len(one.Items[0].ID) != 36 || one.Items[0].ID[14] != '8' {
		t.Errorf("the ids are %q, %q and %q", one.Items[0].ID, one.Items[1].ID, other.Items[0].ID)
	}
}

// noted keeps the last event.
type noted struct{ last audit.Event }

func (n *noted) Record(_ context.Context, e audit.Event) { n.last = e }

// TestEventsSayWhatNoAccountHas: the login of an event is marked where it is only what
// the client sent, which may be a password.
func TestEventsSayWhatNoAccountHas(t *testing.T) {
	t.Parallel()
	var log noted
	d := newDirectory(t, account.Config{Accounts: []account.Account{{Login: "root", Password: "root"}}, Audit: &log, Store: memory.New()})
	for name, unknown := range map[string]bool{"root": false, "ROOT": false, "hunter2": true} {
		for _, password := range []string{"root", "wrong"} {
			_, _ = d.Verify(t.Context(), try(name), password)
			if log.last.Unknown != unknown || log.last.Login == "" {
				t.Errorf("%q with %q: the event is %+v", name, password, log.last)
			}
		}
	}
}
