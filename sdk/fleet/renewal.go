package fleet

import (
	"errors"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
)

const (
	// The pause of an account after a renewal that failed is a twentieth of its
	// token's life, as a client has it, and up to twice that.
	calmShare                 = 20
	shortestCalm, longestCalm = time.Second, 30 * time.Second
	// The pause of the whole fleet, after the second failure in a row.
	firstPause, longestPause = time.Second, 30 * time.Second
	// How often the fleet looks for clients that are idle, in seconds.
	sweeps = 60
)

// trouble is what the fleet knows about a back office that does not answer.
type trouble struct {
	count int       // of failures since the last success
	until time.Time // nothing is renewed before
}

// second is the wheel's name of a moment.
func (f *Fleet) second(moment time.Time) int64 { return int64(moment.Sub(f.start)/time.Second) + 1 }

// plan puts an account into the wheel, if its token is new and has an end. The
// caller holds mu.
func (f *Fleet) plan(a *account, token sdk.Token) {
	life := token.Life()
	if f.stopped || life <= 0 || token.Expires.UnixNano() == a.ends {
		return
	}
	a.life, a.ends = life, token.Expires.UnixNano()
	begin := token.Expires.Add(-life)
	soonest := f.second(time.Now()) + 1
	from := f.second(begin.Add(time.Duration(float64(life) * earliest)))
	to := f.second(begin.Add(time.Duration(float64(life) * latest)))
	f.wheel.add(a, max(from, soonest), max(to, soonest), life.Seconds())
	f.turn()
}

// again plans the renewal of an account once more, unless its token does not live
// so long. The caller holds mu.
func (f *Fleet) again(a *account, asked time.Duration) {
	calm := max(min(max(a.life/calmShare, shortestCalm), longestCalm), asked)
	at := time.Now().Add(calm)
	if !f.stopped && !a.needed && !a.removed && at.UnixNano() < a.ends {
		f.wheel.add(a, f.second(at), f.second(at.Add(calm)), a.life.Seconds())
		f.turn()
	}
}

// turn makes the wheel turn. The caller holds mu.
func (f *Fleet) turn() {
	if f.timer != nil || f.stopped {
		return
	}
	now := time.Now()
	f.timer = time.AfterFunc(f.start.Add(time.Duration(f.second(now))*time.Second).Sub(now), f.tick)
}

// tick turns the wheel to the present second and begins what is due.
func (f *Fleet) tick() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.timer = nil
	for now := f.second(time.Now()); f.turned < now && !f.stopped; {
		f.turned++
		f.ready = append(f.ready, f.wheel.take(f.turned)...)
		if f.turned%sweeps == 0 {
			for a := range f.clients {
				f.takeApart(a)
			}
		}
	}
	f.work()
	if len(f.wheel.slots)+len(f.clients)+len(f.ready) > 0 {
		f.turn()
	}
}

// work starts workers: as many as the limit allows, or one where the back office
// did not answer of late. The caller holds mu.
func (f *Fleet) work() {
	most := min(max(f.settings.limit, 1), len(f.ready))
	if f.trouble.count > 1 {
		most = min(most, 1)
	}
	for f.workers < most && !f.stopped && !time.Now().Before(f.trouble.until) {
		f.workers++
		f.running.Go(f.renewReady)
	}
}

// renewReady renews one account after the other, until none is ready or the back
// office is in trouble.
func (f *Fleet) renewReady() {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer func() { f.workers-- }()
	for len(f.ready) > 0 && !f.stopped && !time.Now().Before(f.trouble.until) {
		a := f.ready[0]
		f.ready[0] = nil
		f.ready = f.ready[1:]
		if a.due == 0 && !a.needed && !a.removed && time.Now().UnixNano() < a.ends {
			f.renew(a) // else somebody has been faster, or the next user logs in
		}
	}
}

// renew renews one account. The caller holds mu, which is not held meanwhile.
func (f *Fleet) renew(a *account) {
	if a.client == nil {
		a.used = time.Time{} // nobody has: the client ends with the renewal
	}
	if f.addClient(a) != nil {
		return // the dialect that is made now cannot be used; the next user learns of it
	}
	a.users++
	client := a.client
	f.mu.Unlock()
	_, err := client.Renew(f.ctx)
	f.mu.Lock()
	a.users--
	var asked *sdk.Error
	switch {
	case err == nil:
		f.trouble = trouble{}
		f.work()
	case errors.As(err, &asked) && asked.Temporary:
		f.trouble.failed(asked.RetryAfter, f.settings.random())
		f.again(a, asked.RetryAfter)
	}
	f.takeApart(a)
}

// failed notes a failure that may pass. One alone may be due to its account.
func (t *trouble) failed(asked time.Duration, random float64) {
	if t.count++; t.count < 2 {
		return
	}
	const doublings = 5
	pause := max(min(firstPause<<min(t.count-2, doublings), longestPause), asked)
	t.until = time.Now().Add(time.Duration(float64(pause) * (1 + random) / 2))
	if earliest := time.Now().Add(asked); t.until.Before(earliest) {
		t.until = earliest
	}
}
