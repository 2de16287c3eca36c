//go:build !race

package sdk_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
)

// town is a network with one back office in it, which is the reference with its
// own queue of logins, and with clients whose renewals are logins.
type town struct {
	start    time.Time
	random   *rand.Rand // of the network
	handler  http.RoundTripper
	hash     atomic.Int64 // how long one password takes, in nanoseconds
	down     atomic.Bool
	attempts atomic.Int64 // at the token endpoint

	mu     sync.Mutex
	slots  map[time.Duration]int // attempts, by 10 ms
	logins map[time.Duration]int // that succeeded, by second
}

// newTown builds the reference with so many accounts.
func newTown(t *testing.T, accounts int, seed uint64) *town {
	t.Helper()
	town := &town{start: time.Now(), random: rand.New(rand.NewPCG(seed, 1)), slots: map[time.Duration]int{}, logins: map[time.Duration]int{}}
	users := make([]account.Account, accounts)
	for i := range users {
		users[i] = account.Account{Login: user(i), PasswordHash: "right", Rights: []string{"*"}}
	}
	proxies, err := reference.TrustProxies("192.0.2.9")
	if err != nil {
		t.Fatal(err)
	}
	server, err := reference.New(reference.Config{Dialects: []string{"scoped"}, Accounts: users, Hasher: slowHasher{&town.hash}, TrustedProxies: proxies})
	if err != nil {
		t.Fatal(err)
	}
	town.handler = memhttp.Transport(server.Handler())
	return town
}

func user(i int) string { return fmt.Sprintf("user-%d", i) }

// slowHasher takes a time, and no work.
type slowHasher struct{ takes *atomic.Int64 }

func (slowHasher) Hash(password string) (string, error) { return password, nil }

func (h slowHasher) Verify(hash, password string) (bool, error) {
	if d := time.Duration(h.takes.Load()); d > 0 {
		pass(d)
	}
	return hash == password, nil
}

// line is the way of one client to the back office.
type line struct {
	town   *town
	client int
}

// RoundTrip implements http.RoundTripper: 5 to 25 ms each way, and no connection
// in an outage.
func (l line) RoundTrip(request *http.Request) (*http.Response, error) {
	login := request.Method == http.MethodPost
	if login {
		l.town.attempted()
	}
	pass(l.town.latency())
	if l.town.down.Load() {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	forwarded := request.Clone(request.Context())
	forwarded.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.1", l.client>>8&255, l.client&255))
	response, err := l.town.handler.RoundTrip(forwarded)
	pass(l.town.latency())
	if login && err == nil && response.StatusCode == http.StatusOK {
		l.town.succeeded()
	}
	return response, err
}

func (w *town) latency() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return 5*time.Millisecond + time.Duration(w.random.Int64N(int64(20*time.Millisecond)))
}

func (w *town) attempted() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attempts.Add(1)
	w.slots[time.Since(w.start)/(10*time.Millisecond)]++
}

func (w *town) succeeded() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logins[time.Since(w.start)/time.Second]++
}

// between is what was counted from one second to another.
func (w *town) between(counts map[time.Duration]int, from, to time.Duration) (sum, most int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for at, n := range counts {
		if at >= from && at < to {
			sum, most = sum+n, max(most, n)
		}
	}
	return sum, most
}

// client is the client of an account, and its random numbers.
func (w *town) client(t *testing.T, i int, seed uint64, options ...sdk.Option) (*sdk.Client, func() float64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, uint64(i)+2))
	var mu sync.Mutex
	draw := func() float64 {
		mu.Lock()
		defer mu.Unlock()
		return random.Float64()
	}
	dialect := scoped.Password(user(i), sdk.NewSecret("right"), scoped.WithLifetime("10 minutes"))
	client, err := sdk.New("https://office.example", dialect, append(options, sdk.WithHTTPTransport(line{w, i}), sdk.WithRand(draw))...)
	if err != nil {
		t.Fatal(err)
	}
	return client, draw
}

// works says whether a request of the program's is answered.
func works(ctx context.Context, client *sdk.Client) bool {
	response, err := client.R(ctx).Get("/api/v1/objects/42")
	return err == nil && response.StatusCode() == http.StatusOK
}
