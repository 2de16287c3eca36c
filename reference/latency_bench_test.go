//go:build unix

package reference_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

// BenchmarkLatency measures the time of a login, a refresh and a check of a token over
// loopback HTTP, on each store, and reports percentiles in milliseconds. In the closed
// loop each connection sends its next request after the answer to the last one. In the
// open loop requests arrive at random moments at half of the rate that 16 connections
// reach, and the time of each counts from the moment of its arrival, so that a slow
// answer delays no other request out of the figures. Take a fixed number of requests
// (-benchtime 20000x): a percentile of few of them says nothing.
func BenchmarkLatency(b *testing.B) {
	cluster := sync.OnceValue(func() *pgtest.Cluster { return pgtest.New(b) })
	for _, backend := range []string{"memory", "sqlite", "postgres"} {
		for _, operation := range []string{"login", "refresh", "check"} {
			bench := func(loop string, run func(b *testing.B, c *callers)) {
				b.Run(fmt.Sprintf("%s/%s/%s", backend, operation, loop), func(b *testing.B) {
					var location string
					switch backend {
					case "memory":
						location = storeurl.Memory
					case "sqlite":
						location = storeurl.SQLite + filepath.Join(b.TempDir(), "dragoman.db")
					default:
						location = cluster().Database(b)
					}
					run(b, newCallers(b, location, operation))
				})
			}
			for _, connections := range []int{1, 16, 64} {
				bench(fmt.Sprintf("closed-%d", connections), func(b *testing.B, c *callers) {
					reportLatency(b, c.closed(b, b.N, connections))
				})
			}
			bench("open", func(b *testing.B, c *callers) {
				sample := c.closed(b, min(b.N, 4000), 16)
				rate := sample.rate() / 2
				b.ResetTimer()
				reportLatency(b, c.open(b, b.N, rate))
			})
		}
	}
}

// callers are the clients of a server, one session each, that make one operation.
type callers struct {
	client *http.Client
	url    string
	send   func(*refresher) error
	idle   chan *refresher // those that make no request now
	logins atomic.Int64
}

// maxCallers is how many requests of the open loop are under way at most; one more
// waits, and its time runs.
const maxCallers = 256

// accountsOfCallers is how many accounts log in: a client's sessions are few, and those
// of the others do not concern it.
const accountsOfCallers = 64

func newCallers(b *testing.B, location, operation string) *callers {
	b.Helper()
	records, err := storeurl.Open(context.Background(), location)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = records.Close() })
	var hasher account.Hasher = account.FastHasher{}
	if operation == "login" {
		hasher = nil // the default, as users run it
	}
	accounts := make([]account.Account, accountsOfCallers)
	for i := range accounts {
		accounts[i] = account.Account{Login: fmt.Sprint("user", i), Email: fmt.Sprintf("user%d@example.com", i), Password: "a password", Rights: []string{"*"}}
	}
	server, err := reference.New(reference.Config{Accounts: accounts, Hasher: hasher, Store: records})
	if err != nil {
		b.Fatal(err)
	}
	c := &callers{
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: maxCallers}, Timeout: time.Minute},
		url:    listenBench(b, server.Handler()),
		idle:   make(chan *refresher, maxCallers),
	}
	b.Cleanup(c.client.CloseIdleConnections)
	switch operation {
	case "login":
		c.send = c.login
	case "refresh":
		c.send = (*refresher).refreshes
	case "check":
		c.send = (*refresher).checks
	}
	for range maxCallers {
		one := &refresher{client: c.client, url: c.url}
		if operation != "login" {
			if err := c.login(one); err != nil {
				b.Fatal(err)
			}
		}
		c.idle <- one
	}
	return c
}

func (c *callers) login(one *refresher) error {
	body := fmt.Sprintf(`{"session":{"email":"user%d@example.com","password":"a password"}}`, c.logins.Add(1)%accountsOfCallers)
	response, err := c.client.Post(c.url+"/sessions", "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("login: status %d: %s, %w", response.StatusCode, text, err)
	}
	answer := reply{status: response.StatusCode, body: text}
	one.access, one.refresh = member(answer, "access_token"), member(answer, "refresh_token")
	return nil
}

func (r *refresher) refreshes() error {
	answer, err := r.send(r.url)
	if err != nil {
		return err
	}
	var pair struct { // once: the client takes of the same processor
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	err = json.Unmarshal(answer.body, &pair)
	r.access, r.refresh = pair.Access, pair.Refresh
	return err
}

func (r *refresher) checks() error {
	request, err := http.NewRequest(http.MethodGet, r.url+"/users", nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+r.access)
	response, err := r.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("check: status %d", response.StatusCode)
	}
	return err
}

// latencies are the times of requests, and how long all of them took together.
type latencies struct {
	each  []time.Duration
	whole time.Duration
}

func (l latencies) rate() float64 { return float64(len(l.each)) / l.whole.Seconds() }

// closed makes requests over so many connections, each after the answer to the last.
func (c *callers) closed(b *testing.B, requests, connections int) latencies {
	times := make([]time.Duration, requests)
	var next atomic.Int64
	began := time.Now()
	var all sync.WaitGroup
	for range connections {
		all.Go(func() {
			one := <-c.idle
			defer func() { c.idle <- one }()
			for i := next.Add(1) - 1; i < int64(requests); i = next.Add(1) - 1 {
				sent := time.Now()
				if err := c.send(one); err != nil {
					b.Error(err)
					return
				}
				times[i] = time.Since(sent)
			}
		})
	}
	all.Wait()
	return latencies{times, time.Since(began)}
}

// open makes requests that arrive at so many a second, at random, whether the others
// are answered or not.
func (c *callers) open(b *testing.B, requests int, rate float64) latencies {
	times := make([]time.Duration, requests)
	random := rand.New(rand.NewPCG(1, 2))
	began := time.Now()
	arrives := began
	var all sync.WaitGroup
	for i := range requests {
		arrives = arrives.Add(time.Duration(random.ExpFloat64() / rate * float64(time.Second)))
		arrived := arrives
		waitUntil(arrived)
		all.Go(func() {
			one := <-c.idle
			defer func() { c.idle <- one }()
			if err := c.send(one); err != nil {
				b.Error(err)
			}
			times[i] = time.Since(arrived)
		})
	}
	all.Wait()
	return latencies{times, time.Since(began)}
}

// waitUntil waits for a moment. It does not yield in a loop to be exact: that would take
// one processor from the server.
func waitUntil(moment time.Time) {
	if left := time.Until(moment); left > 0 {
		<-time.After(left)
	}
}

func reportLatency(b *testing.B, l latencies) {
	slices.Sort(l.each)
	for name, share := range map[string]float64{"p50-ms": 0.5, "p99-ms": 0.99, "p999-ms": 0.999} {
		at := min(int(share*float64(len(l.each))), len(l.each)-1)
		b.ReportMetric(float64(l.each[at].Microseconds())/1000, name)
	}
	b.ReportMetric(l.rate(), "per-s")
	b.ReportMetric(0, "ns/op")
}
