package reference_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

func TestNewSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	ok := account.Account{Login: "a", Password: "a"}
	for want, cfg := range map[string]reference.Config{
		`no dialect "telnet"`:      {Dialects: []string{"telnet"}},
		"named twice":              {Dialects: []string{"form", "form"}},
		"clock control":            {ClockControl: true, Clock: clock.System{}},
		"the secret has 5 bytes":   {Secret: []byte("short")},
		"no login":                 {Accounts: []account.Account{{Password: "x"}}},
		"neither a password":       {Accounts: []account.Account{{Login: "a"}}},
		"both a password":          {Accounts: []account.Account{{Login: "a", Password: "a", PasswordHash: "b"}}},
		"two accounts":             {Accounts: []account.Account{ok, ok}},
		"the e-mail address":       {Accounts: []account.Account{ok, {Login: "b", Email: "A", Password: "b"}}},
		"rights of account":        {Accounts: []account.Account{{Login: "a", Password: "a", Rights: scope.Rights{"users"}}}},
		"shorter than 16":          {Accounts: []account.Account{{Login: "a", Password: "a", APIKeys: []account.APIKey{{Key: "short"}}}}},
		"permissions of API key":   {Accounts: []account.Account{{Login: "a", Password: "a", APIKeys: []account.APIKey{{Key: "0123456789abcdef", Permissions: scope.Rights{"x"}}}}}},
		"between a second and 100": {Lifetimes: grant.Lifetimes{RPC: time.Millisecond}},
		"shorter than a second":    {Throttle: account.Throttle{Window: time.Millisecond}},
		"longer than 1024 bytes":   {Accounts: []account.Account{{Login: "a", Password: strings.Repeat("x", 2000)}}},
	} {
		if _, err := reference.New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one about %q", err, want)
		}
	}
}

func TestIndexHealthAndUnknownPaths(t *testing.T) {
	t.Parallel()
	o := open(t)
	if r := o.want("healthz", o.send("GET", "/healthz", ""), 200); string(r.body) != "ok\n" {
		t.Errorf("healthz answers %q", r.body)
	}
	if r := o.want("index", o.send("GET", "/", ""), 200); !strings.Contains(string(r.body), "/api/v1") {
		t.Errorf("the index is %s", r.body)
	}
	for _, path := range []string{"/nothing", "/usersx", "/users/", "//users", "/Users", "/api", "/api/v2/objects", "/api/v1", "/grpc/", "/loginx", "/_dragoman/clock", "/%75sers", "/login/x"} {
		o.want(path, o.send("GET", path, ""), 404)
	}
	o.want("POST to the index", o.send("POST", "/", ""), 405)
}

func TestDialectsCanBeLeftOut(t *testing.T) {
	t.Parallel()
	o := open(t, func(c *reference.Config) { c.Dialects = []string{"form"} })
	for _, path := range []string{"/sessions", "/users", "/grpc", "/api/v1/auth/token"} {
		o.want(path, o.send("POST", path, "{}"), 404)
	}
	o.want("the dialect that is on", o.formLogin("login=root&pass=root"), 200)
}

func TestDateIsTheClocks(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.clock.Advance(1000 * time.Hour)
	for _, path := range []string{"/healthz", "/users", "/login?token=x", "/nothing", "/api/v1/objects"} {
		date, err := http.ParseTime(o.send("GET", path, "").header.Get("Date"))
		if off := o.clock.Now().Sub(date); err != nil || off < -2*time.Second || off > 10*time.Second {
			t.Errorf("the Date of %s is %v off (%v)", path, off, err)
		}
	}
}

func TestClockControl(t *testing.T) {
	t.Parallel()
	o := open(t, func(c *reference.Config) { c.ClockControl = true })
	before := o.clock.Now()
	for _, body := range []string{`{"advance":"10m"}`, `{"advance_seconds":600}`, `{"advance_seconds":0.5}`} {
		o.want(body, o.send("POST", "/_dragoman/clock", body), 200)
	}
	if moved := o.clock.Now().Sub(before); moved < 20*time.Minute || moved > 21*time.Minute {
		t.Errorf("the clock moved by %v", moved)
	}
	now, err := time.Parse(time.RFC3339, o.want("GET", o.send("GET", "/_dragoman/clock", ""), 200).member("now"))
	if off := o.clock.Now().Sub(now); err != nil || off < 0 || off > 10*time.Second {
		t.Errorf("now is %v off (%v)", off, err)
	}
	for _, body := range []string{``, `{}`, `{"advance":"soon"}`, `{"advance":"-1m"}`, `{"advance":"0s"}`, `{"advance_seconds":-1}`, `{"advance_seconds":1e300}`, `{"advance":"1m","advance_seconds":1}`} {
		o.want(body, o.send("POST", "/_dragoman/clock", body), 400)
	}
	o.want("DELETE", o.send("DELETE", "/_dragoman/clock", ""), 405)
}

// broken is a store that cannot be read while it is down.
type broken struct {
	store.Store
	mu   sync.Mutex
	down bool
}

func (b *broken) Get(ctx context.Context, kind store.Kind, key string) (store.Record, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return store.Record{}, errors.New("connection refused by db.internal:5432")
	}
	return b.Store.Get(ctx, kind, key)
}

func (b *broken) set(down bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = down
}

func TestStoreDownIs503(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			b := &broken{Store: memory.New()}
			o := open(t, func(c *reference.Config) { c.Store, c.Logger = b, slog.New(slog.NewTextHandler(&log, nil)) })
			token := d.token(d.login(o, "root", "root"))
			b.set(true)
			for what, r := range map[string]reply{"a token": d.protected(o, token), "a login": d.login(o, "root", "root")} {
				o.want(what+" while the store is down", r, 503)
				if r.header.Get("Retry-After") == "" || strings.Contains(string(r.body), "db.internal") {
					t.Errorf("%s: answers %v %s", what, r.header, r.body)
				}
			}
			b.set(false)
			o.want("the token afterwards", d.protected(o, token), 200)
			if !strings.Contains(log.String(), "db.internal") || strings.Contains(log.String(), token) {
				t.Errorf("the log is %s", log.String())
			}
		})
	}
}

// panicking is a limiter with a bug.
type panicking struct{ account.Limiter }

func (panicking) Start(context.Context, account.Attempt) (func(context.Context, account.Outcome) error, error) {
	panic("a bug with a secret path")
}

func TestPanicIs500(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			o := open(t, func(c *reference.Config) { c.Limiter = panicking{} })
			if r := o.want("login", d.login(o, "root", "root"), 500); strings.Contains(string(r.body), "secret") {
				t.Errorf("the answer is %s", r.body)
			}
		})
	}
}

func TestHandlerRefusesOversizedHeadersItself(t *testing.T) {
	t.Parallel()
	server, err := reference.New(reference.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int]int{64 << 10: 431, 16 << 10: 401} {
		r := httptest.NewRequest(http.MethodGet, "/users", nil)
		r.Header.Set("X-Big", strings.Repeat("x", size))
		w := httptest.NewRecorder()
		server.Handler().ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("a header of %d bytes: status %d, want %d", size, w.Code, want)
		}
	}
}

// slow is a clock that blocks a request until proceed is closed.
type slow struct {
	clock.System
	armed   atomic.Bool
	reached chan struct{}
	proceed chan struct{}
}

func (s *slow) Now() time.Time {
	if s.armed.CompareAndSwap(true, false) {
		close(s.reached)
		<-s.proceed
	}
	return s.System.Now()
}

func TestServeDrains(t *testing.T) {
	t.Parallel()
	c := &slow{reached: make(chan struct{}), proceed: make(chan struct{})}
	server, err := reference.New(reference.Config{Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	c.armed.Store(true)
	listener := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, listener, nil) }()
	answered := make(chan error, 1)
	go func() {
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := client.Get("http://" + listener.Addr().String() + "/healthz")
		if err == nil {
			resp.Body.Close()
		}
		answered <- err
	}()
	<-c.reached
	cancel()
	select {
	case err := <-served:
		t.Errorf("Serve returned %v while a request was running", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(c.proceed)
	if err := <-answered; err != nil {
		t.Errorf("the running request: %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestListen(t *testing.T) {
	t.Parallel()
	web, calls, err := reference.Listen(t.Context(), "127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	defer calls.Close()
	for _, c := range []struct{ http, grpc, want string }{
		{web.Addr().String(), "127.0.0.1:0", "listen for HTTP: "}, {"127.0.0.1:0", calls.Addr().String(), "listen for gRPC: "},
		{"", "127.0.0.1:x", "listen for gRPC: "}, {"127.0.0.1:x", "", "listen for HTTP: "},
	} {
		if _, _, err := reference.Listen(t.Context(), c.http, c.grpc); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q and %q: the error is %v, want %s", c.http, c.grpc, err, c.want)
		}
	}
	alone, none, err := reference.Listen(t.Context(), "127.0.0.1:0", "")
	if err != nil || none != nil {
		t.Fatalf("without gRPC the listener is %v (%v)", none, err)
	}
	alone.Close()
}

func TestServeReportsABrokenListener(t *testing.T) {
	t.Parallel()
	server, err := reference.New(reference.Config{})
	if err != nil {
		t.Fatal(err)
	}
	closed := listen(t)
	closed.Close()
	if err := server.Serve(t.Context(), closed, nil); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve returned %v", err)
	}
	if err := server.Serve(t.Context(), nil, nil); err == nil {
		t.Error("Serve without a listener returned nil")
	}
}

// TestStoreHoldsNoSecret searches the store for every password, token and key.
func TestStoreHoldsNoSecret(t *testing.T) {
	t.Parallel()
	dump := &recorder{Store: memory.New()}
	o := open(t, func(c *reference.Config) { c.Store = dump })
	secrets := []string{reference.DemoAPIKey, "Wrong-Secret-1"}
	for _, d := range dialects() {
		r := d.login(o, "root", "root")
		secrets = append(secrets, d.token(r))
		if d.name == "session" {
			p := pairOf(o.refresh(pairOf(r).refresh, pairOf(r).access))
			secrets = append(secrets, pairOf(r).refresh, p.access, p.refresh)
		}
		d.login(o, "root", "Wrong-Secret-1")
	}
	if len(dump.values) < 8 {
		t.Errorf("only %d records were written", len(dump.values))
	}
	for _, value := range dump.values {
		for _, secret := range secrets {
			if strings.Contains(value, secret) || strings.Contains(value, secret[max(0, len(secret)-20):]) {
				t.Errorf("a record holds the secret %q: %s", secret, value)
			}
		}
	}
}

// recorder records everything that is written to a store.
type recorder struct {
	store.Store
	mu     sync.Mutex
	values []string
}

func (r *recorder) note(record store.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.values = append(r.values, fmt.Sprintf("%s %s %s %s", record.Kind, record.Key, record.Owner, record.Value))
}

func (r *recorder) Create(ctx context.Context, record store.Record) error {
	r.note(record)
	return r.Store.Create(ctx, record)
}

func (r *recorder) Update(ctx context.Context, record store.Record) error {
	r.note(record)
	return r.Store.Update(ctx, record)
}
