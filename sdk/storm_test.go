package sdk_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
)

// storm is an office that many clients want to log in to after an outage: it
// answers so many logins a second, and 503 beyond.
type storm struct {
	office   *fakeoffice.Office
	start    time.Time
	outage   time.Duration
	capacity int    // logins a second; 0: any number
	after    string // Retry-After of its refusals; "": none

	mu       sync.Mutex
	attempts int
	second   int64
	served   int                   // in this second
	slots    map[time.Duration]int // attempts after the outage, by 10 ms
}

func (s *storm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := time.Since(s.start)
	s.mu.Lock()
	s.attempts++
	if second := int64(now / time.Second); second != s.second {
		s.second, s.served = second, 0
	}
	if now >= s.outage {
		s.slots[now/(10*time.Millisecond)]++
	}
	refuse := now < s.outage || s.capacity > 0 && s.served >= s.capacity
	if !refuse {
		s.served++
	}
	s.mu.Unlock()
	if !refuse {
		s.office.ServeHTTP(w, r)
		return
	}
	if s.after != "" {
		w.Header().Set("Retry-After", s.after)
	}
	w.WriteHeader(http.StatusServiceUnavailable)
}

// outcome is what a storm was like.
type outcome struct {
	perLogin float64       // attempts
	busiest  float64       // share of the clients in one 10 ms after the outage
	gone     time.Duration // after the outage, when all are logged in
}

// run lets clients want a token, each from a random moment of the first second
// and then every second, until all have one.
func (s *storm) run(t *testing.T, clients int, seed uint64) outcome {
	t.Helper()
	s.office, s.start, s.slots = fakeoffice.New(), time.Now(), map[time.Duration]int{}
	var group sync.WaitGroup
	for i := range clients {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		var mu sync.Mutex
		draw := func() float64 {
			mu.Lock()
			defer mu.Unlock()
			return random.Float64()
		}
		client, err := sdk.New("https://office.example", sessionPassword(), sdk.WithHTTPTransport(memhttp.Transport(s)), sdk.WithRand(draw), sdk.WithoutBackgroundRenewal())
		if err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			pass(time.Duration(draw() * float64(time.Second)))
			for {
				if _, err := client.Token(context.WithoutCancel(t.Context())); err == nil {
					break
				}
				pass(time.Second)
			}
			if err := client.Stop(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	most := 0
	for _, n := range s.slots {
		most = max(most, n)
	}
	return outcome{float64(s.attempts) / float64(clients), float64(most) / float64(clients), time.Since(s.start) - s.outage}
}

// TestAFleetDoesNotProlongAnOutage has a thousand clients come back after 30
// seconds, with a seed that replays the run.
func TestAFleetDoesNotProlongAnOutage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		storm    *storm
		perLogin float64
		busiest  float64
		gone     time.Duration
	}{
		"with Retry-After":     {&storm{outage: 30 * time.Second, after: "5"}, 8, 0.02, 15 * time.Second},
		"without":              {&storm{outage: 30 * time.Second}, 10, 0.02, 40 * time.Second},
		"half can be served":   {&storm{outage: 30 * time.Second, after: "5", capacity: 100}, 8, 0.02, 20 * time.Second},
		"told to come at once": {&storm{outage: 30 * time.Second, after: "1", capacity: 100}, 14, 0.02, 20 * time.Second},
	} {
		const seed = 1 // others show the same
		synctest.Test(t, func(t *testing.T) {
			got := c.storm.run(t, 1000, seed)
			t.Logf("%s, seed %d: %.1f attempts per login, busiest 10 ms %.1f %%, gone after %v", name, seed, got.perLogin, 100*got.busiest, got.gone)
			if got.perLogin > c.perLogin || got.busiest > c.busiest || got.gone > c.gone {
				t.Errorf("%s, seed %d: want at most %v, %v, %v", name, seed, c.perLogin, c.busiest, c.gone)
			}
		})
	}
}

// TestRenewalsStaySpreadAfterAnOutage lets the renewals of many clients fail for
// a while, and looks at when those after the outage and the next ones come.
func TestRenewalsStaySpreadAfterAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const clients, life = 500, 600 * time.Second
		start := time.Now()
		var mu sync.Mutex
		generations := map[int]map[time.Duration]int{2: {}, 3: {}} // renewals by second
		for i := range clients {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			generation := 1
			dialect := &scripted{
				login: func(context.Context) (sdk.Token, error) { return tokenOf("first", life), nil },
				renew: func(context.Context, sdk.Token) (sdk.Token, error) {
					now := time.Since(start)
					if now > 410*time.Second && now < 470*time.Second { // most of the first renewals
						return sdk.Token{}, &sdk.Error{Op: "renew", Temporary: true, Err: sdk.ErrUnavailable}
					}
					mu.Lock()
					defer mu.Unlock()
					if generation++; generations[generation] != nil {
						generations[generation][now.Truncate(time.Second)]++
					}
					return tokenOf("renewed", life), nil
				},
			}
			client := newClient(t, dialect, sdk.WithRand(func() float64 {
				mu.Lock()
				defer mu.Unlock()
				return random.Float64()
			}))
			if err := client.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		pass(1100 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		for generation, seconds := range generations {
			all, most := 0, 0
			for _, n := range seconds {
				all, most = all+n, max(most, n)
			}
			if all != clients || most > clients/10 { // 8 a second would be even
				t.Errorf("generation %d: %d of %d clients renewed, %d of them in one second", generation, all, clients, most)
			}
			t.Logf("generation %d: in %d different seconds, %d at most in one", generation, len(seconds), most)
		}
	})
}
