package conformance_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/internal/needs"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/store"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

// place is a store and what it keeps.
type place struct {
	url  string
	dump func(t *testing.T) string
}

func inSQLite(t *testing.T) place {
	file := filepath.Join(t.TempDir(), "dragoman.db")
	return place{storeurl.SQLite + file, func(t *testing.T) string { return readAll(t, file, file+"-wal") }}
}

func inPostgres(t *testing.T) place {
	cluster := pgtest.New(t)
	url := cluster.Database(t)
	return place{url, func(t *testing.T) string { return withBytes(cluster.Dump(t, url)) }}
}

// readAll returns files as they are on the disk, records included that are no
// longer in use.
func readAll(t *testing.T, files ...string) string {
	t.Helper()
	var all strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(content)
	}
	return all.String()
}

var bytea = regexp.MustCompile(`\\\\x([0-9a-f]+)`)

// withBytes adds the values of a dump, which shows them in hex.
func withBytes(dump string) string {
	var all strings.Builder
	all.WriteString(dump)
	for _, found := range bytea.FindAllStringSubmatch(dump, -1) {
		if value, err := hex.DecodeString(found[1]); err == nil {
			all.Write(value)
			all.WriteByte('\n')
		}
	}
	return all.String()
}

// TestStores judges the reference by the whole suite over each store that outlives it, as
// TestReferenceConforms does over memory, and then looks for the secrets of the run in
// everything that the store was ever given, in what it keeps of it, and in the traces of
// the run, which hold no login, either.
func TestStores(t *testing.T) {
	t.Parallel()
	stores := map[string]func(*testing.T) place{"sqlite": inSQLite}
	if !needs.Raced {
		stores["postgres"] = inPostgres
	}
	for name, find := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judgeStore(t, find(t))
		})
	}
}

func judgeStore(t *testing.T, p place) {
	kept, err := storeurl.Open(t.Context(), p.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	given, heard := &written{Store: kept}, newSpoken()
	traces := &shown{lines: map[string]bool{}}
	server, err := reference.New(reference.Config{
		ClockControl: true, Hasher: renewing{}, Store: given, Tracers: sdktrace.NewTracerProvider(sdktrace.WithSyncer(traces)),
	})
	if err != nil {
		t.Fatal(err)
	}
	// As "dragoman account" does it, at real cost.
	accounts, err := account.NewRegistry(given, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	judged := subject.Reference()
	judged.Subject.Builtin = false
	judged.Subject.URL, judged.Subject.GRPC = serveHeard(t, server, heard)
	for _, a := range reference.DemoAccounts() {
		a.Password = "First-Quagga-of-" + a.Login
		if err := accounts.Add(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if a.TOTPSecret == "" { // the session dialect has no second factor
			logIn(t, judged.Subject.URL, a.Email, a.Password)
		}
		setPassword(t, accounts, a.Login, passwordOf(a.Login))
	}
	rename(judged)

	r, err := conformance.Run(t.Context(), judged, conformance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !passesAll(r) {
		var text strings.Builder
		_ = r.WriteText(&text)
		t.Errorf("the reference does not pass over this store:\n%s", text.String())
	}
	setPassword(t, accounts, "clerk", "Last-Quagga-of-clerk")
	logIn(t, judged.Subject.URL, "clerk@example.com", "Last-Quagga-of-clerk")

	more := map[string][]string{
		"an API key": {reference.DemoAPIKey},
		"a password": {"First-Quagga-of-root", "First-Quagga-of-clerk", passwordOf("root"), passwordOf("clerk"), "Last-Quagga-of-clerk"},
	}
	heard.search(t, "what the store was given", given.all.String(), more)
	names := map[string][]string{"a login": {"clerk", "guarded", "root@example.com"}}
	maps.Copy(names, more)
	heard.search(t, "what the traces show", traces.text(), names)
	dump := p.dump(t)
	if !strings.Contains(dump, "clerk@example.com") || !strings.Contains(dump, "$argon2id$") && !strings.Contains(dump, "$fast-sha256$") {
		t.Error("the dump does not hold the accounts: it is none of the store")
	}
	heard.search(t, "the dump", dump, more)
}

// passwordOf is what an account has during the run: a word that no record holds
// for another reason, as "root" is a login, too.
func passwordOf(login string) string { return "Thylacine-" + strings.ToUpper(login) + "-of-Tasmania" }

// rename gives a manifest of the demo accounts the passwords of this run.
func rename(m *manifest.Manifest) {
	d := m.Dialects
	d.Session.Accounts.Full.Password, d.Session.Accounts.Limited.Password = passwordOf("root"), passwordOf("clerk")
	for _, accounts := range []*manifest.LoginAccounts{&d.Form.Accounts, &d.RPC.Accounts, &d.Scoped.Accounts} {
		accounts.Full.Password = passwordOf(accounts.Full.Login)
		if accounts.Limited != nil {
			accounts.Limited.Password = passwordOf(accounts.Limited.Login)
		}
	}
	d.RPC.SecondFactor.Password = passwordOf(d.RPC.SecondFactor.Login)
}

func setPassword(t *testing.T, accounts *account.Registry, login, password string) {
	t.Helper()
	if err := accounts.SetPassword(t.Context(), login, password); err != nil {
		t.Fatal(err)
	}
}

func logIn(t *testing.T, url, email, password string) {
	t.Helper()
	body := fmt.Sprintf(`{"session":{"email":%q,"password":%q}}`, email, password)
	resp, err := http.Post(url+"/sessions", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("the login of %s answers %d", email, resp.StatusCode)
	}
}

// renewing replaces the expensive hashes of argon2id at the first login, so that
// the store sees both kinds and the run is quick.
type renewing struct{ account.FastHasher }

func (renewing) Outdated(hash string) bool { return strings.HasPrefix(hash, "$argon2id$") }

// serveHeard serves a server whose requests and answers are searched for
// secrets.
func serveHeard(t *testing.T, server *reference.Server, heard *spoken) (url, grpcAddress string) {
	t.Helper()
	web := httptest.NewServer(heard.listen(server.Handler()))
	t.Cleanup(web.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	calls := server.GRPC(grpc.UnaryInterceptor(heard.call))
	served := make(chan error, 1)
	go func() { served <- calls.Serve(listener) }()
	t.Cleanup(func() {
		calls.Stop()
		if err := <-served; err != nil {
			t.Errorf("serve gRPC: %v", err)
		}
	})
	return web.URL, listener.Addr().String()
}

// written keeps everything that a store was ever given: more than any dump of
// it could hold.
type written struct {
	store.Store
	mu  sync.Mutex
	all bytes.Buffer
}

func (w *written) note(record store.Record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fmt.Fprintf(&w.all, "%s %s %s %s\n", record.Kind, record.Key, record.Owner, record.Value)
}

func (w *written) Create(ctx context.Context, record store.Record) error {
	w.note(record)
	return w.Store.Create(ctx, record)
}

func (w *written) Update(ctx context.Context, record store.Record) error {
	w.note(record)
	return w.Store.Update(ctx, record)
}
