package grant_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

var (
	noon   = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	secret = []byte("0123456789abcdef0123456789abcdef")
)

// stopped returns a clock that moves only by Advance and Set.
func stopped() *clock.Offset { return clock.NewOffset(clock.Func(func() time.Time { return noon })) }

// hs256 signs rpc tokens cheaply; the service never looks at a signature.
func hs256(t testing.TB) grant.Signer {
	t.Helper()
	signer, err := grant.HS256(secret)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func newService(t testing.TB, cfg grant.Config) *grant.Service {
	t.Helper()
	if cfg.Store == nil {
		cfg.Store = memory.New()
	}
	if cfg.RPCSigner == nil {
		cfg.RPCSigner = hs256(t)
	}
	s, err := grant.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func wantError(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: the error is %v, want %v", what, got, want)
	}
}

// TestReplicas shows two services over one store as one.
func TestReplicas(t *testing.T) {
	t.Parallel()
	shared := memory.New()
	a := newService(t, grant.Config{Store: shared, Clock: stopped()})
	b := newService(t, grant.Config{Store: shared, Clock: stopped()})
	ctx := t.Context()
	first := must[grant.Pair](t)(a.OpenSession(ctx, grant.Subject{Login: "root"}, grant.Client{}))
	var mu sync.Mutex
	pairs := map[grant.Pair]bool{}
	var wg sync.WaitGroup
	for i := range 100 {
		replica := []*grant.Service{a, b}[i%2]
		wg.Go(func() {
			pair, err := replica.RefreshSession(context.WithoutCancel(ctx), first.Refresh, first.Access)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			pairs[pair] = true
		})
	}
	wg.Wait()
	if len(pairs) != 1 {
		t.Errorf("100 refreshes over two replicas made %d pairs, want one", len(pairs))
	}
	sessions := all(t, b.Sessions, "root")
	if len(sessions) != 1 {
		t.Fatalf("there are %d sessions", len(sessions))
	}
	if err := b.EndSession(ctx, "root", sessions[0].ID); err != nil {
		t.Fatal(err)
	}
	_, err := a.CheckSession(ctx, first.Access)
	wantError(t, "the other replica after the end", err, grant.ErrInvalid)
}

func TestAnotherSecretKnowsNoRefreshToken(t *testing.T) {
	t.Parallel()
	shared := memory.New()
	fixed := must[*keyring.Ring](t)(keyring.New(keyring.Config{Store: shared, Fixed: secret}))
	a, b := newService(t, grant.Config{Store: shared}), newService(t, grant.Config{Store: shared, Keys: fixed})
	pair := must[grant.Pair](t)(a.OpenSession(t.Context(), grant.Subject{Login: "root"}, grant.Client{}))
	_, err := b.RefreshSession(t.Context(), pair.Refresh, pair.Access)
	wantError(t, "a refresh", err, grant.ErrInvalid)
	_, err = a.RefreshSession(t.Context(), pair.Refresh, pair.Access)
	wantError(t, "the session after it", err, nil)
}

func TestManyRenewalsStayBounded(t *testing.T) {
	t.Parallel()
	shared := memory.New()
	s := newService(t, grant.Config{Store: shared, Clock: stopped()})
	first := must[grant.RPCToken](t)(s.OpenRPC(t.Context(), grant.Subject{Login: "root"}))
	token := first.Token
	for range 300 {
		token = must[grant.RPCToken](t)(s.RenewRPC(t.Context(), token, grant.Subject{Login: "root"})).Token
	}
	_, err := s.CheckRPC(t.Context(), token)
	wantError(t, "the newest token", err, nil)
	_, err = s.CheckRPC(t.Context(), first.Token)
	wantError(t, "the oldest of too many", err, grant.ErrInvalid)
	records := must[[]store.Record](t)(shared.List(t.Context(), "rpc", "root"))
	if size := len(records[0].Value); size > 32<<10 {
		t.Errorf("the record has grown to %d bytes", size)
	}
}

// interrupted is a store where something else happens between the read and the
// write of a change, once.
type interrupted struct {
	store.Store
	by atomic.Pointer[func(store.Record) error]
}

func (i *interrupted) Update(ctx context.Context, record store.Record) error {
	if by := i.by.Swap(nil); by != nil {
		if err := (*by)(record); err != nil {
			return err
		}
	}
	return i.Store.Update(ctx, record)
}

func TestInterruptedChangesLoseNothing(t *testing.T) {
	t.Parallel()
	shared := &interrupted{Store: memory.New()}
	s := newService(t, grant.Config{Store: shared, Clock: stopped()})
	root := grant.Subject{Login: "root"}
	first := must[grant.RPCToken](t)(s.OpenRPC(t.Context(), root)).Token
	var other grant.RPCToken
	renew := func(store.Record) (err error) {
		other, err = s.RenewRPC(t.Context(), first, root)
		return err
	}
	shared.by.Store(&renew)
	mine := must[grant.RPCToken](t)(s.RenewRPC(t.Context(), first, root))
	for name, token := range map[string]string{"mine": mine.Token, "the other": other.Token, "the first": first} {
		_, err := s.CheckRPC(t.Context(), token)
		wantError(t, name, err, nil)
	}

	pair := must[grant.Pair](t)(s.OpenSession(t.Context(), grant.Subject{Login: "root"}, grant.Client{}))
	var theirs grant.Pair
	refresh := func(store.Record) (err error) {
		theirs, err = s.RefreshSession(t.Context(), pair.Refresh, pair.Access)
		return err
	}
	shared.by.Store(&refresh)
	if ours := must[grant.Pair](t)(s.RefreshSession(t.Context(), pair.Refresh, pair.Access)); ours != theirs {
		t.Error("two refreshes at once made two pairs")
	}
}

func TestAClosedSessionIsNotRenewedToLife(t *testing.T) {
	t.Parallel()
	shared := &interrupted{Store: memory.New()}
	end := func(record store.Record) error { return shared.Delete(t.Context(), record.Kind, record.Key) }
	s := newService(t, grant.Config{Store: shared})
	rpc := must[grant.RPCToken](t)(s.OpenRPC(t.Context(), grant.Subject{Login: "root"}))
	pair := must[grant.Pair](t)(s.OpenSession(t.Context(), grant.Subject{Login: "root"}, grant.Client{}))
	form := must[grant.FormToken](t)(s.IssueForm(t.Context(), grant.Subject{Login: "root"}, false))
	shared.by.Store(&end)
	_, err := s.RenewRPC(t.Context(), rpc.Token, grant.Subject{Login: "root"})
	wantError(t, "a renewal during a close", err, grant.ErrInvalid)
	shared.by.Store(&end)
	_, err = s.RefreshSession(t.Context(), pair.Refresh, pair.Access)
	wantError(t, "a refresh during an end", err, grant.ErrInvalid)
	shared.by.Store(&end)
	_, err = s.ExtendForm(t.Context(), form.Token, false)
	wantError(t, "an extension during a deletion", err, grant.ErrInvalid)
	for _, kind := range []store.Kind{"rpc", "session", "form"} {
		if left := must[[]store.Record](t)(shared.List(t.Context(), kind, "root")); len(left) != 0 {
			t.Errorf("a %s grant lives again", kind)
		}
	}
}

func TestEndedTokensLeaveTheRecord(t *testing.T) {
	t.Parallel()
	c, shared := stopped(), memory.New()
	s := newService(t, grant.Config{Store: shared, Clock: c})
	token := must[grant.RPCToken](t)(s.OpenRPC(t.Context(), grant.Subject{Login: "root"}))
	size := 0
	for range 20 {
		c.Advance(3 * time.Hour)
		token = must[grant.RPCToken](t)(s.RenewRPC(t.Context(), token.Token, grant.Subject{Login: "root"}))
		records := must[[]store.Record](t)(shared.List(t.Context(), "rpc", "root"))
		if size == 0 {
			size = len(records[0].Value)
		}
		if grown := len(records[0].Value) - size; grown > 20 {
			t.Fatalf("the record has grown by %d bytes", grown)
		}
	}
}

// TestRefreshesLeaveNoTrace refreshes one session many times within the life of one
// access token: its record stays as small, and all its access tokens stay accepted.
func TestRefreshesLeaveNoTrace(t *testing.T) {
	t.Parallel()
	c, shared := stopped(), memory.New()
	s := newService(t, grant.Config{Store: shared, Clock: c})
	pairs := []grant.Pair{must[grant.Pair](t)(s.OpenSession(t.Context(), grant.Subject{Login: "root"}, grant.Client{}))}
	size := func() int { return len(must[[]store.Record](t)(shared.List(t.Context(), "session", "root"))[0].Value) }
	first := size()
	for len(pairs) <= 300 {
		last := pairs[len(pairs)-1]
		pairs = append(pairs, must[grant.Pair](t)(s.RefreshSession(t.Context(), last.Refresh, last.Access)))
	}
	if grown := size() - first; grown > 4 {
		t.Errorf("after 300 refreshes the record has grown by %d bytes", grown)
	}
	for i, pair := range pairs {
		_, err := s.CheckSession(t.Context(), pair.Access)
		wantError(t, fmt.Sprintf("access token %d", i), err, nil)
	}
	c.Advance(10 * time.Minute)
	_, err := s.CheckSession(t.Context(), pairs[0].Access)
	wantError(t, "the first access token at its end", err, grant.ErrExpired)
}

// durability counts the updates that have to be durable.
type durability struct {
	store.Store
	durable, relaxed int
}

func (d *durability) Update(ctx context.Context, record store.Record) error {
	if store.IsRelaxed(ctx) {
		d.relaxed++
	} else {
		d.durable++
	}
	return d.Store.Update(ctx, record)
}

// TestFirstUseIsNoDurableWrite: of a refresh and the first use of its token only the
// refresh waits for the disk.
func TestFirstUseIsNoDurableWrite(t *testing.T) {
	t.Parallel()
	shared := &durability{Store: memory.New()}
	s := newService(t, grant.Config{Store: shared, Clock: stopped()})
	pair := must[grant.Pair](t)(s.OpenSession(t.Context(), grant.Subject{Login: "root"}, grant.Client{}))
	for range 3 {
		pair = must[grant.Pair](t)(s.RefreshSession(t.Context(), pair.Refresh, pair.Access))
		for range 2 {
			must[grant.Grant](t)(s.CheckSession(t.Context(), pair.Access))
		}
	}
	if shared.durable != 3 || shared.relaxed != 3 {
		t.Errorf("3 refreshes and first uses were %d durable and %d relaxed updates, want 3 of each", shared.durable, shared.relaxed)
	}
}

// TestTokensAheadOfTheStoreAreRejected puts the record back as it was before a
// refresh, as the restore of a backup does.
func TestTokensAheadOfTheStoreAreRejected(t *testing.T) {
	t.Parallel()
	shared := memory.New()
	s := newService(t, grant.Config{Store: shared, Clock: stopped()})
	first := must[grant.Pair](t)(s.OpenSession(t.Context(), grant.Subject{Login: "root"}, grant.Client{}))
	backup := must[[]store.Record](t)(shared.List(t.Context(), "session", "root"))[0]
	next := must[grant.Pair](t)(s.RefreshSession(t.Context(), first.Refresh, first.Access))
	backup.Version++ // the refresh has updated it once
	if err := shared.Update(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	_, err := s.CheckSession(t.Context(), next.Access)
	wantError(t, "a token of the lost refresh", err, grant.ErrInvalid)
	_, err = s.CheckSession(t.Context(), first.Access)
	wantError(t, "a token from before", err, nil)
}

func TestListsAreOrderedByAge(t *testing.T) {
	t.Parallel()
	c := stopped()
	s := newService(t, grant.Config{Clock: c})
	for i := range 10 {
		must[grant.ScopedToken](t)(s.IssueScoped(t.Context(), grant.Subject{Login: "root"}, grant.ScopedRequest{Name: fmt.Sprint(i)}))
		c.Advance(time.Millisecond)
	}
	names := ""
	for _, g := range all(t, s.ScopedTokens, "root") {
		names += g.Name
	}
	if names != "0123456789" {
		t.Errorf("the list is ordered %s", names)
	}
}

func TestSweptGrantsAreGone(t *testing.T) {
	t.Parallel()
	c, shared := stopped(), memory.New()
	s := newService(t, grant.Config{Store: shared, Clock: c})
	token := must[grant.FormToken](t)(s.IssueForm(t.Context(), grant.Subject{Login: "root"}, false))
	pair := must[grant.Pair](t)(s.OpenSession(t.Context(), grant.Subject{Login: "root"}, grant.Client{}))
	c.Advance(24 * time.Hour)
	if n := must[int](t)(shared.Sweep(t.Context(), c.Now())); n != 1 {
		t.Errorf("the sweep removed %d records, want the form token alone", n)
	}
	_, err := s.CheckForm(t.Context(), token.Token)
	wantError(t, "the swept token", err, grant.ErrInvalid)
	_, err = s.RefreshSession(t.Context(), pair.Refresh, pair.Access)
	wantError(t, "the session, idle for a day", err, nil)
}

func TestUserAgentIsBounded(t *testing.T) {
	t.Parallel()
	s := newService(t, grant.Config{})
	must[grant.Pair](t)(s.OpenSession(t.Context(), grant.Subject{Login: "root"}, grant.Client{Agent: strings.Repeat("é", 1000)}))
	sessions := all(t, s.Sessions, "root")
	if agent := sessions[0].Agent; len(agent) > 256 || !strings.HasPrefix(agent, "éé") || strings.ContainsRune(agent, '\uFFFD') {
		t.Errorf("the agent is %d bytes: %.20q", len(agent), agent)
	}
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]grant.Config{
		"no store":     {},
		"a short life": {Store: memory.New(), Lifetimes: grant.Lifetimes{Scoped: time.Millisecond}},
	} {
		if _, err := grant.New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := grant.HS256([]byte("short")); err == nil {
		t.Error("a short HMAC key: no error")
	}
	if _, err := grant.RS256(nil); err == nil {
		t.Error("no RSA key: no error")
	}
}

// TestIDsOfTokens: a token names its grant, and no other text names one.
func TestIDsOfTokens(t *testing.T) {
	t.Parallel()
	s := newService(t, grant.Config{})
	pair, err := s.OpenSession(t.Context(), grant.Subject{Login: "ann"}, grant.Client{})
	if err != nil {
		t.Fatal(err)
	}
	scoped, err := s.IssueScoped(t.Context(), grant.Subject{Login: "ann"}, grant.ScopedRequest{})
	if err != nil {
		t.Fatal(err)
	}
	sessions, _, err := s.Sessions(t.Context(), "ann", "", 10)
	if err != nil {
		t.Fatal(err)
	}
	if access, refresh := grant.SessionID(pair.Access), grant.SessionID(pair.Refresh); access != sessions[0].ID || refresh != sessions[0].ID {
		t.Errorf("the tokens of session %s name %q and %q", sessions[0].ID, access, refresh)
	}
	if id := grant.ScopedID(scoped.Token); id != scoped.ID {
		t.Errorf("the token of %s names %q", scoped.ID, id)
	}
	for _, text := range []string{"", "--", "a", "a.b.c", scoped.Token, pair.Access[1:], "e30--", "e30"} {
		if id := grant.SessionID(text); id != "" {
			t.Errorf("%q names session %q", text, id)
		}
		if id := grant.ScopedID(text); id != "" && text != scoped.Token {
			t.Errorf("%q names token %q", text, id)
		}
	}
}
