//go:build !race

package sdk_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
)

// The storms of a town: 10 000 clients, whose tokens live for ten minutes, and a
// back office that can serve twice what they need.
const (
	residents   = 10_000
	townLife    = 10 * time.Minute
	townNeed    = float64(residents) / (0.75 * float64(townLife/time.Second)) // logins a second
	outageTime  = 30 * time.Second
	crowdTime   = 20 * time.Second
	crowdFactor = 10 // of the need: so many newcomers a second
)

// storms is one run, which its seed replays.
type storms struct {
	*testing.T

	ctx   context.Context //nolint:containedctx // of the programs
	seed  uint64
	town  *town
	all   []*sdk.Client
	group sync.WaitGroup

	mu     sync.Mutex
	behind map[int]time.Duration // whose renewal failed, and when it succeeded; 0: not yet
}

// TestTheStormsOfATown takes the clients through an outage, and then the back
// office through a crowd of newcomers. DRAGOMAN_TEST_STORM_SEEDS, as in "1-100",
// runs it with other seeds; others show the same.
func TestTheStormsOfATown(t *testing.T) {
	t.Parallel()
	var first, last uint64
	if _, err := fmt.Sscanf(cmp.Or(os.Getenv("DRAGOMAN_TEST_STORM_SEEDS"), "1-1"), "%d-%d", &first, &last); err != nil {
		t.Fatal(err)
	}
	for seed := first; seed <= last; seed++ {
		synctest.Test(t, func(t *testing.T) {
			s := &storms{T: t, ctx: context.WithoutCancel(t.Context()), seed: seed, behind: map[int]time.Duration{}}
			s.moveIn()
			s.outage()
			s.crowd()
			for _, client := range s.all {
				if err := client.Stop(s.ctx); err != nil {
					t.Error(err)
				}
			}
			s.group.Wait()
		})
	}
}

// moveIn logs the residents in over the time in which they renew.
func (s *storms) moveIn() {
	newcomers := int(crowdFactor * townNeed * crowdTime.Seconds())
	s.town = newTown(s.T, residents+newcomers, s.seed)
	s.all = make([]*sdk.Client, residents)
	const joining = townLife * 3 / 4
	for i := range s.all {
		client, draw := s.town.client(s.T, i, s.seed, sdk.WithObserver(sdk.ObserverFunc(func(_ context.Context, event sdk.Event) { s.observe(i, event) })))
		s.all[i] = client
		s.group.Go(func() {
			pass(time.Duration(draw() * float64(joining)))
			if err := client.Login(s.ctx); err != nil {
				s.Error(err)
			}
		})
	}
	s.group.Wait()
	pass(joining - s.passed())
	const hashers = 4 // of the reference, by default
	s.town.hash.Store(int64(float64(time.Second) * hashers / (2 * townNeed)))
	pass(outageTime)
}

func (s *storms) passed() time.Duration { return time.Since(s.town.start) }

// observe notes whose renewal failed.
func (s *storms) observe(i int, event sdk.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, is := s.behind[i]; event.Kind != sdk.EventLogin {
		return
	} else if event.Err != nil {
		s.behind[i] = 0
	} else if is && at == 0 {
		s.behind[i] = s.passed()
	}
}

// outage ends all connections for a while.
func (s *storms) outage() {
	began := s.passed()
	before := s.town.attempts.Load()
	s.town.down.Store(true)
	s.answered(outageTime) // what it says is not of interest
	s.town.down.Store(false)
	ended := s.passed()
	s.mu.Lock()
	backlog := len(s.behind)
	s.mu.Unlock()
	s.answered(5 * time.Second)
	answered := s.answered(time.Minute - 5*time.Second)
	attempts := float64(s.town.attempts.Load() - before)
	logins, _ := s.town.between(s.town.logins, began/time.Second, s.passed()/time.Second)
	_, busiest := s.town.between(s.town.slots, ended/(10*time.Millisecond), s.passed()/(10*time.Millisecond))
	gone := time.Duration(0)
	s.mu.Lock()
	for _, at := range s.behind {
		if at == 0 {
			at = s.passed()
		}
		gone = max(gone, at-ended)
	}
	s.mu.Unlock()
	allowed := time.Duration(1.2 * float64(backlog) / townNeed * float64(time.Second)) // what is to spare is as much as the need
	perLogin, share := attempts/float64(logins), float64(busiest)/residents
	s.Logf("seed %d, outage: %.2f attempts per login, busiest 10 ms %.2f %% of the clients, %d were behind and gone after %.1f s of %.1f, %.2f %% answered from 5 s on",
		s.seed, perLogin, 100*share, backlog, gone.Seconds(), allowed.Seconds(), 100*answered)
	if perLogin > 2 || share > 0.02 || gone > allowed || answered < 0.99 || backlog == 0 {
		s.Errorf("seed %d: that is too much", s.seed)
	}
}

// crowd lets ten times as many log in as the back office is used to, each until it
// has a token, or the crowd goes home.
func (s *storms) crowd() {
	began := s.passed()
	home, cancel := context.WithCancel(s.ctx)
	s.group.Go(func() {
		for i := range int(crowdFactor * townNeed * crowdTime.Seconds()) {
			s.group.Go(func() { s.newcomer(home, residents+i) })
			pass(time.Duration(float64(time.Second) / (crowdFactor * townNeed)))
		}
	})
	during := s.answered(crowdTime)
	ended := s.passed()
	cancel()
	s.answered(5 * time.Second)
	answered := s.answered(10 * time.Second)
	logins, _ := s.town.between(s.town.logins, began/time.Second+1, ended/time.Second)
	peak := 2 * townNeed * float64(ended/time.Second-began/time.Second-1)
	goodput := float64(logins) / peak
	s.Logf("seed %d, crowd: %.1f %% of what can be served, %.2f %% of the residents answered meanwhile, %.2f %% from 5 s on", s.seed, 100*goodput, 100*during, 100*answered)
	if goodput < 0.9 || during < 0.99 || answered < 0.99 {
		s.Errorf("seed %d: that is too little", s.seed)
	}
}

// newcomer wants a token every second until it has one.
func (s *storms) newcomer(ctx context.Context, i int) {
	client, _ := s.town.client(s.T, i, s.seed, sdk.WithoutBackgroundRenewal())
	defer func() {
		if err := client.Stop(s.ctx); err != nil {
			s.Error(err)
		}
	}()
	for ctx.Err() == nil {
		if _, err := client.Token(ctx); err == nil {
			return
		}
		pass(time.Second)
	}
}

// answered lets time pass in which every 200th of the residents makes a request each
// second, and says which share of the requests is answered.
func (s *storms) answered(during time.Duration) float64 {
	const askers = residents / 200
	var good int
	var mu sync.Mutex
	var asked sync.WaitGroup
	seconds := int(during / time.Second)
	for second := range seconds {
		for i := range askers {
			asked.Go(func() {
				if works(s.ctx, s.all[(second+i*200)%residents]) {
					mu.Lock()
					defer mu.Unlock()
					good++
				}
			})
		}
		pass(time.Second)
	}
	asked.Wait()
	return float64(good) / float64(seconds*askers)
}
