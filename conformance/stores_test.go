package conformance_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/conformance/subject"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/store"
	"github.com/dragoman-auth/dragoman/reference/store/open"
	"github.com/dragoman-auth/dragoman/reference/store/postgres/pgtest"
)

// TestStores judges the reference by the whole suite over each store, and then
// looks for the secrets of the run in everything that the store was ever given.
func TestStores(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(t *testing.T) string{
		"memory":   func(*testing.T) string { return open.Memory },
		"sqlite":   func(t *testing.T) string { return open.SQLite + filepath.Join(t.TempDir(), "dragoman.db") },
		"postgres": func(t *testing.T) string { return pgtest.New(t).Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept, err := open.URL(t.Context(), url(t))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = kept.Close() })
			given, tokens := &written{Store: kept}, &issued{}
			server, err := reference.New(reference.Config{
				Accounts: reference.DemoAccounts(), ClockControl: true, Hasher: account.Fast{}, Store: given,
			})
			if err != nil {
				t.Fatal(err)
			}
			manifest := subject.Reference()
			manifest.Subject.Builtin = false
			manifest.Subject.URL, manifest.Subject.GRPC = serveWatched(t, server, tokens)
			r, err := conformance.Run(t.Context(), manifest, conformance.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if r.Conclusion != report.Conformant || r.Counts[report.Pass] != len(r.Requirements) || len(r.Requirements) < 136 {
				var text strings.Builder
				_ = r.WriteText(&text)
				t.Errorf("the reference does not pass over this store:\n%s", text.String())
			}
			given.search(t, tokens.list())
		})
	}
}

// serveWatched serves a server whose answers are searched for tokens.
func serveWatched(t *testing.T, server *reference.Server, tokens *issued) (url, grpcAddress string) {
	t.Helper()
	web := httptest.NewServer(tokens.watch(server.Handler()))
	t.Cleanup(web.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	calls := server.GRPC(grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		resp, err := next(ctx, req)
		if bought, is := resp.(interface{ GetTokenValue() string }); is && err == nil {
			tokens.add(bought.GetTokenValue())
		}
		return resp, err
	}))
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

// issued collects the tokens that a server gives out.
type issued struct {
	mu     sync.Mutex
	tokens map[string]bool
}

func (i *issued) add(token string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.tokens == nil {
		i.tokens = map[string]bool{}
	}
	if token != "" {
		i.tokens[token] = true
	}
}

func (i *issued) list() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	var list []string
	for token := range i.tokens {
		list = append(list, token)
	}
	return list
}

var tokenMember = regexp.MustCompile(`"(?:token|access_token|refresh_token|token_value)":"([^"]+)"`)

func (i *issued) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		copied := &copying{ResponseWriter: w}
		next.ServeHTTP(copied, r)
		for _, found := range tokenMember.FindAllSubmatch(copied.body.Bytes(), -1) {
			i.add(string(found[1]))
		}
	})
}

// copying keeps a copy of an answer's body.
type copying struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (c *copying) Write(body []byte) (int, error) {
	c.body.Write(body)
	return c.ResponseWriter.Write(body)
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

// search fails for every secret that the store has seen. Passwords of the run
// that are words of a record's own ("root" is a login, too) prove nothing; those
// that were made up for wrong logins do.
func (w *written) search(t *testing.T, tokens []string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.all.String()
	if len(tokens) < 200 || len(all) < 10_000 {
		t.Fatalf("the run issued %d tokens and stored %d bytes: too few to prove anything", len(tokens), len(all))
	}
	for _, token := range tokens {
		if strings.Contains(all, token) {
			t.Errorf("the store was given the token %.20s...", token)
			return
		}
	}
	if strings.Contains(all, reference.DemoAPIKey) {
		t.Error("the store was given an API key")
	}
}
