package sdk_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-resty/resty/v2"
	"golang.org/x/oauth2"

	"github.com/dragoman-auth/dragoman/sdk"
)

// still is a round tripper that costs almost nothing, so that what is measured
// is what stands above it.
type still struct{}

func (still) RoundTrip(request *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: stillHeader, Body: http.NoBody, Request: request}, nil
}

var stillHeader = http.Header{}

// least is the least that a client above http.Client can do: a RoundTripper must
// not change the request, so it sends a copy.
type least struct{ base http.RoundTripper }

func (l least) RoundTrip(request *http.Request) (*http.Response, error) {
	copied := request.WithContext(request.Context())
	copied.Header = maps.Clone(request.Header)
	copied.Header["Authorization"] = leastToken
	return l.base.RoundTrip(copied)
}

var leastToken = []string{"Bearer a-token-of-some-length"}

func hourly(context.Context) (sdk.Token, error) {
	return tokenOf("a-token-of-some-length", time.Hour), nil
}

func benchClient(b *testing.B, dialect sdk.Dialect, options ...sdk.Option) *sdk.Client {
	b.Helper()
	client, err := sdk.New("https://office.example", dialect, append(options, sdk.WithHTTPTransport(still{}), sdk.WithoutBackgroundRenewal())...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Stop(context.Background()) })
	if err := client.Login(b.Context()); err != nil {
		b.Fatal(err)
	}
	return client
}

// goroutines runs operation b.N times, spread over n goroutines.
func goroutines(b *testing.B, n int, operation func()) {
	b.Helper()
	b.ReportAllocs()
	if n == 1 {
		for b.Loop() {
			operation()
		}
		return
	}
	b.SetParallelism(max(n/runtime.GOMAXPROCS(0), 1))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			operation()
		}
	})
}

// BenchmarkHTTPClient is an authorised request as programs make it: with a header
// set by hand, with the least that a RoundTripper can do, with the client of
// package oauth2, and with ours. A name says whether the row ends a request after
// a minute.
func BenchmarkHTTPClient(b *testing.B) {
	token := &oauth2.Token{AccessToken: "a-token-of-some-length", Expiry: time.Now().Add(time.Hour)}
	for _, n := range []int{1, 8, 64} {
		for _, c := range []struct {
			name   string
			client *http.Client
			byHand bool
		}{
			{"by-hand,unbounded", &http.Client{Transport: still{}}, true},
			{"least,unbounded", &http.Client{Transport: least{still{}}}, false},
			{"oauth2,unbounded", &http.Client{Transport: &oauth2.Transport{Base: still{}, Source: oauth2.ReuseTokenSource(token, nil)}}, false},
			{"dragoman,1m", benchClient(b, &scripted{login: hourly}).HTTPClient(), false},
			{"dragoman,unbounded", benchClient(b, &scripted{login: hourly}, sdk.WithTimeout(0)).HTTPClient(), false},
		} {
			b.Run(fmt.Sprintf("goroutines=%d/%s", n, c.name), func(b *testing.B) {
				goroutines(b, n, func() {
					request, err := http.NewRequest(http.MethodGet, "https://office.example/users?page=1", nil)
					if err != nil {
						b.Error(err)
						return
					}
					request.Header.Set("User-Agent", "bench")
					if c.byHand {
						request.Header.Set("Authorization", "Bearer a-token-of-some-length")
					}
					response, err := c.client.Do(request)
					if err != nil || response.StatusCode != http.StatusOK {
						b.Error(err)
						return
					}
					_ = response.Body.Close()
				})
			})
		}
	}
}

// BenchmarkR is the same with resty: with a token that it was given, without and
// with its own time of a minute, and with ours.
func BenchmarkR(b *testing.B) {
	fixed := func(client *http.Client) *resty.Client {
		return resty.NewWithClient(client).SetBaseURL("https://office.example").SetAuthToken("a-token-of-some-length").SetHeader("User-Agent", "bench")
	}
	given := fixed(&http.Client{Transport: still{}})
	bounded := fixed(&http.Client{Transport: still{}, Timeout: time.Minute})
	ours := benchClient(b, &scripted{login: hourly}, sdk.WithUserAgent("bench"))
	for _, n := range []int{1, 8, 64} {
		for _, c := range []struct {
			name  string
			begin func(context.Context) *resty.Request
		}{
			{"given-token,unbounded", func(ctx context.Context) *resty.Request { return given.R().SetContext(ctx) }},
			{"given-token,1m", func(ctx context.Context) *resty.Request { return bounded.R().SetContext(ctx) }},
			{"dragoman,1m", ours.R},
		} {
			b.Run(fmt.Sprintf("goroutines=%d/%s", n, c.name), func(b *testing.B) {
				ctx := context.Background() //nolint:usetesting // as in a main function
				goroutines(b, n, func() {
					if response, err := c.begin(ctx).Get("/users?page=1"); err != nil || response.StatusCode() != http.StatusOK {
						b.Error(err)
					}
				})
			})
		}
	}
}

// BenchmarkToken reads a token that is good.
func BenchmarkToken(b *testing.B) {
	client := benchClient(b, &scripted{login: hourly})
	source := oauth2.ReuseTokenSource(&oauth2.Token{AccessToken: "x", Expiry: time.Now().Add(time.Hour)}, nil)
	ctx := b.Context()
	for _, n := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("goroutines=%d/oauth2", n), func(b *testing.B) {
			goroutines(b, n, func() {
				if _, err := source.Token(); err != nil {
					b.Error(err)
				}
			})
		})
		b.Run(fmt.Sprintf("goroutines=%d/dragoman", n), func(b *testing.B) {
			goroutines(b, n, func() {
				if _, err := client.Token(ctx); err != nil {
					b.Error(err)
				}
			})
		})
	}
}

// BenchmarkExpiry lets 10 000 goroutines meet an expired token; one operation is
// all of them.
func BenchmarkExpiry(b *testing.B) {
	var now atomic.Int64
	now.Store(time.Now().UnixNano())
	clock := func() time.Time { return time.Unix(0, now.Load()) }
	login := func(context.Context) (sdk.Token, error) {
		return sdk.Token{Access: sdk.NewSecret("x"), Issued: clock(), Expires: clock().Add(time.Hour)}, nil
	}
	client, err := sdk.New("https://office.example", &scripted{login: login, renew: func(ctx context.Context, _ sdk.Token) (sdk.Token, error) {
		return login(ctx)
	}}, sdk.WithHTTPTransport(still{}), sdk.WithoutBackgroundRenewal(), sdk.WithClock(clock))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Stop(context.Background()) })
	b.ReportAllocs()
	for b.Loop() {
		now.Add(int64(2 * time.Hour))
		var group sync.WaitGroup
		for range 10_000 {
			group.Go(func() {
				if _, err := client.Token(b.Context()); err != nil {
					b.Error(err)
				}
			})
		}
		group.Wait()
	}
}

func TestReadingATokenAllocatesNothing(t *testing.T) {
	// Not parallel: AllocsPerRun counts what others allocate.
	client := newClient(t, &scripted{login: hourly})
	if err := client.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if n := testing.AllocsPerRun(1000, func() {
		if _, err := client.Token(ctx); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("reading a token allocates %v times, want 0", n)
	}
}

func TestAnAuthorisedRequestAllocatesNoMoreThanOAuth2(t *testing.T) {
	// Not parallel: AllocsPerRun counts what others allocate.
	client := newClient(t, &scripted{login: hourly}, sdk.WithHTTPTransport(still{}))
	count := func(client *http.Client) float64 {
		return testing.AllocsPerRun(1000, func() {
			response, err := client.Get("https://office.example/users?page=1")
			if err != nil {
				t.Error(err)
				return
			}
			response.Body.Close()
		})
	}
	byHand := count(&http.Client{Transport: still{}})
	theirs := count(&http.Client{Transport: &oauth2.Transport{Base: still{}, Source: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "x"})}})
	if ours := count(client.HTTPClient()); ours > theirs || ours > byHand+7 {
		t.Errorf("%v allocations, with its bound; package oauth2 makes %v without one, no token at all %v", ours, theirs, byHand)
	}
}

// Programs that serve many accounts have a client for each, over one transport.
func TestAnIdleClientIsSmall(t *testing.T) {
	// Not parallel: it measures the heap.
	const clients, most = 5000, 3500 // the test itself keeps some 300 of them
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	all := make([]*sdk.Client, clients)
	before := heap()
	for i := range all {
		all[i] = newClient(t, &scripted{login: hourly}, sdk.WithHTTPTransport(still{}))
		if err := all[i].Login(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if each := (heap() - before) / clients; each > most {
		t.Errorf("a client that is logged in and idle takes %d bytes, want at most %d", each, most)
	}
	runtime.KeepAlive(all)
}
