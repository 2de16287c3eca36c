package reference_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// work is a list of what a login makes the server do: hashes with their
// parameters, look-ups and writes.
type work struct {
	mu   sync.Mutex
	done []string
}

func (w *work) add(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done = append(w.done, fmt.Sprintf(format, args...))
}

// take returns what was done since it was asked last.
func (w *work) take() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := strings.Join(w.done, "\n")
	w.done = nil
	return text
}

// countedHasher notes each hash, with the lengths of salt, key and password.
type countedHasher struct {
	account.Argon2id
	work *work
}

func (h countedHasher) Hash(password string) (string, error) {
	h.work.add("hash a new password")
	return h.Argon2id.Hash(password)
}

func (h countedHasher) Verify(hash, password string) (bool, error) {
	parts := strings.Split(hash, "$") // "", kind, version, parameters, salt, key
	h.work.add("%s %s %s, salt of %d, key of %d, password of %d", parts[1], parts[2], parts[3], len(parts[4]), len(parts[5]), len(password))
	return h.Argon2id.Verify(hash, password)
}

// countedStore notes each operation and its kind of record.
type countedStore struct {
	store.Store
	work *work
}

func (s countedStore) Get(ctx context.Context, kind store.Kind, key string) (store.Record, error) {
	s.work.add("get %s", kind)
	return s.Store.Get(ctx, kind, key)
}

func (s countedStore) Create(ctx context.Context, r store.Record) error {
	s.work.add("create %s", r.Kind)
	return s.Store.Create(ctx, r)
}

func (s countedStore) Update(ctx context.Context, r store.Record) error {
	s.work.add("update %s", r.Kind)
	return s.Store.Update(ctx, r)
}

func (s countedStore) Delete(ctx context.Context, kind store.Kind, key string) error {
	s.work.add("delete %s", kind)
	return s.Store.Delete(ctx, kind, key)
}

func (s countedStore) List(ctx context.Context, kind store.Kind, owner string) ([]store.Record, error) {
	s.work.add("list %s", kind)
	return s.Store.List(ctx, kind, owner)
}

// TestRefusalsDoTheSameWork refuses logins in every dialect and over gRPC: of an
// account in the store, one of the configuration, a disabled one and one that
// there is not. Each takes the same hash, look-ups and writes, in the same order,
// so that names cannot be found out by the clock. BenchmarkRefusals in package
// account tells the times.
func TestRefusalsDoTheSameWork(t *testing.T) {
	t.Parallel()
	ways := map[string]func(o *office, user string){"rpc over gRPC": refuseOverGRPC}
	for _, d := range dialects() {
		ways[d.name] = func(o *office, user string) {
			o.t.Helper()
			o.want("a wrong password", d.login(o, user, "Wrong-1"), http.StatusUnauthorized)
		}
	}
	done := &work{}
	shared := countedStore{memory.New(), done}
	registry, err := account.NewRegistry(shared, account.Argon2id{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{"ann", "off"} {
		err := registry.Add(t.Context(), account.Account{Login: login, Email: login + "@example.com", Password: "Right-1", Rights: scope.Rights{scope.Everything}})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := registry.Disable(t.Context(), "off"); err != nil {
		t.Fatal(err)
	}
	o := open(t, func(c *reference.Config) {
		c.Store, c.Hasher = shared, countedHasher{work: done}
		c.Throttle = account.Throttle{PerAccount: 1000, PerAddress: 1000, Window: time.Minute}
	})
	for name, refuse := range ways {
		users := []string{"ann", "root", "off", "nobody"}
		for _, user := range users { // the first hashes the passwords in clear, and creates the counts
			refuse(o, user)
		}
		done.take()
		refuse(o, users[0])
		want := done.take()
		if strings.Count(want, "argon2id v=19 m=19456,t=2,p=1") != 1 || !strings.Contains(want, "get ") || !strings.Contains(want, "update ") {
			t.Errorf("%s: a wrong password takes\n%s", name, want)
		}
		for _, user := range users[1:] {
			refuse(o, user)
			if got := done.take(); got != want {
				t.Errorf("%s: for %s the server does\n%s\nand for %s\n%s", name, user, got, users[0], want)
			}
		}
	}
}

func refuseOverGRPC(o *office, user string) {
	o.t.Helper()
	answer, err := rpcpb.NewAuthenticationServiceClient(o.dial()).AuthenticateEx(o.t.Context(), &rpcpb.AuthenticateRequest{UserName: user, Password: "Wrong-1"})
	if err != nil || answer.GetErrorCode() != rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_WRONG_CREDENTIALS {
		o.t.Errorf("a wrong password over gRPC: %v %v", answer, err)
	}
}
