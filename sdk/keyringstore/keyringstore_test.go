package keyringstore_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/keyringstore"
	"github.com/dragoman-auth/dragoman/sdk/sdktest"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// ring is a keyring in memory that takes short values only, and fails when it
// is told to.
type ring struct {
	mu      sync.Mutex
	entries map[string]string
	failSet int // fail the n-th Set from now, if above 0
}

const mostOfRing = 2500

var errRing = errors.New("the keyring is locked")

func newRing() *ring { return &ring{entries: map[string]string{}} }

func (r *ring) Get(service, entry string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	text, ok := r.entries[service+"/"+entry]
	if !ok {
		return "", keyring.ErrNotFound
	}
	return text, nil
}

func (r *ring) Set(service, entry, text string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failSet--; r.failSet == 0 {
		return errRing
	}
	if len(text) > mostOfRing {
		return keyring.ErrSetDataTooBig
	}
	r.entries[service+"/"+entry] = text
	return nil
}

func (r *ring) Delete(service, entry string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.entries[service+"/"+entry]; !ok {
		return keyring.ErrNotFound
	}
	delete(r.entries, service+"/"+entry)
	return nil
}

func open(t *testing.T, r *ring, lockDir string) *keyringstore.Store {
	t.Helper()
	store, err := keyringstore.New("dragoman-test", keyringstore.WithKeyring(r), keyringstore.WithLockDir(lockDir))
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestContract(t *testing.T) {
	t.Parallel()
	sdktest.RunStore(t, func(t *testing.T) func() sdk.Store {
		r, lockDir := newRing(), t.TempDir()
		return func() sdk.Store { return open(t, r, lockDir) }
	})
}

func recordOf(size int) sdk.Record {
	return sdk.Record{Token: sdk.Token{Access: sdk.NewSecret(strings.Repeat("x", size))}}
}

func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	r := newRing()
	store := open(t, r, t.TempDir())
	record := recordOf(20_000)
	for _, size := range []int{20_000, 10, 5_000} {
		version, err := store.Save(t.Context(), "key", record)
		if err != nil {
			t.Fatal(err)
		}
		record = recordOf(size)
		record.Version = version
	}
	if n := len(r.entries); n > 2 {
		t.Errorf("%d entries for a short record, want a header and a part", n)
	}
	if err := store.Delete(t.Context(), "key"); err != nil {
		t.Fatal(err)
	}
	if n := len(r.entries); n != 0 {
		t.Errorf("%d entries after the delete", n)
	}
}

func TestASaveThatFailsHalfWayLeavesTheOldRecord(t *testing.T) {
	t.Parallel()
	for failing := 1; failing <= 4; failing++ {
		r := newRing()
		store := open(t, r, t.TempDir())
		old := recordOf(10)
		version, err := store.Save(t.Context(), "key", old)
		if err != nil {
			t.Fatal(err)
		}
		fresh := recordOf(2000) // three parts and the header
		fresh.Version = version
		r.failSet = failing
		if _, err := store.Save(t.Context(), "key", fresh); !errors.Is(err, errRing) {
			t.Fatalf("failing at %d: %v", failing, err)
		}
		got, err := store.Load(t.Context(), "key")
		if err != nil || got.Version != version || !got.Token.Access.Equal(old.Token.Access) {
			t.Errorf("failing at %d: the record is of version %d, %v; want %d", failing, got.Version, err, version)
		}
		if n := len(r.entries); n != 2 {
			t.Errorf("failing at %d: %d entries are left, want 2", failing, n)
		}
	}
}

func TestDamagedEntries(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(r *ring){
		"another program's": func(r *ring) { r.entries["dragoman-test/key"] = "hello" },
		"a part is missing": func(r *ring) {
			for entry := range r.entries {
				if strings.Contains(entry, " 1") && entry != "dragoman-test/key" {
					delete(r.entries, entry)
				}
			}
		},
		"a part was changed": func(r *ring) {
			for entry, text := range r.entries {
				if entry != "dragoman-test/key" {
					r.entries[entry] = "AAAA" + text[4:]
				}
			}
		},
	} {
		r := newRing()
		store := open(t, r, t.TempDir())
		if _, err := store.Save(t.Context(), "key", recordOf(3000)); err != nil {
			t.Fatal(err)
		}
		damage(r)
		if _, err := store.Load(t.Context(), "key"); err == nil || strings.Contains(err.Error(), "xxxx") {
			t.Errorf("%s: Load: %v", name, err)
		}
		if err := store.Delete(t.Context(), "key"); err != nil {
			t.Errorf("%s: Delete: %v", name, err)
		}
		if got, err := store.Load(t.Context(), "key"); err != nil || got.Version != 0 {
			t.Errorf("%s: after the delete: %v, %v", name, got.Version, err)
		}
	}
}

// absent is the keyring of a machine that has none.
type absent struct{}

func (absent) Get(string, string) (string, error) { return "", errRing }
func (absent) Set(string, string, string) error   { return errRing }
func (absent) Delete(string, string) error        { return errRing }

func TestAnAbsentKeyringCostsALoginAndAnEvent(t *testing.T) {
	t.Parallel()
	store, err := keyringstore.New("dragoman-test", keyringstore.WithKeyring(absent{}), keyringstore.WithLockDir(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	office := fakeoffice.New()
	events := 0
	client, err := sdk.New("https://office.example", session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)), sdk.WithStore(store),
		sdk.WithHTTPTransport(memhttp.Transport(office)), sdk.WithObserver(sdk.ObserverFunc(func(_ context.Context, event sdk.Event) {
			if event.Kind == sdk.EventStore && errors.Is(event.Err, errRing) {
				events++
			}
		})))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Login(t.Context()); err != nil || events == 0 || office.Count("login") != 1 {
		t.Errorf("got %v after %d events and %d logins", err, events, office.Count("login"))
	}
	if err := client.Close(t.Context()); !errors.Is(err, errRing) {
		t.Errorf("close: %v, want the keyring's error: nobody knows what it holds", err)
	}
}

func TestBadSettings(t *testing.T) {
	t.Parallel()
	if _, err := keyringstore.New(""); !errors.Is(err, sdk.ErrConfig) {
		t.Errorf("no service: %v", err)
	}
	if _, err := keyringstore.New("x", keyringstore.WithKeyring(nil)); !errors.Is(err, sdk.ErrConfig) {
		t.Errorf("no keyring: %v", err)
	}
}

// FuzzLoad puts anything into the header's entry.
func FuzzLoad(f *testing.F) {
	f.Add("dragoman 1 7 1 abc")
	f.Add("dragoman 1 -7 1000000000 ")
	f.Fuzz(func(t *testing.T, text string) {
		r := newRing()
		r.entries["dragoman-test/key"] = text
		if got, err := open(t, r, t.TempDir()).Load(t.Context(), "key"); err == nil {
			t.Errorf("%q is a record: %v", text, got.Token)
		}
	})
}
