package account

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/semaphore"
)

// judged knows how many attempts are being judged, by the keys of their limits.
// For each key one attempt at a time finds out whether it may be, so that no two
// take the same last place. Make one with newJudged.
type judged struct {
	mu    sync.Mutex
	keys  map[string]*place
	ended chan struct{} // closed, and made anew, when an attempt has ended
}

// place is what is known of one key. It goes when no slot has it.
type place struct {
	slots   int
	running int
	turn    *semaphore.Weighted
}

func newJudged() *judged { return &judged{keys: map[string]*place{}, ended: make(chan struct{})} }

// slot is an attempt at its places.
type slot struct {
	judged *judged
	limits []limit
	places []*place
}

// acquire waits until the attempt is the only one that finds out whether it may be
// judged; then the caller calls start or abandon. Every attempt names its limits in
// the same order, so that no two wait for each other.
func (j *judged) acquire(ctx context.Context, limits []limit) (*slot, error) {
	s := &slot{judged: j, limits: limits}
	j.mu.Lock()
	for _, limit := range limits {
		p := j.keys[limit.key]
		if p == nil {
			p = &place{turn: semaphore.NewWeighted(1)}
			j.keys[limit.key] = p
		}
		p.slots++
		s.places = append(s.places, p)
	}
	j.mu.Unlock()
	for i, p := range s.places {
		if err := p.turn.Acquire(ctx, 1); err != nil {
			s.pass(i)
			s.gone(0)
			return nil, fmt.Errorf("wait for other logins: %w", err)
		}
	}
	return s, nil
}

// running says how many are being judged at a place, and what is closed when one
// of them has ended.
func (s *slot) running() (counts []int, ended <-chan struct{}) {
	s.judged.mu.Lock()
	defer s.judged.mu.Unlock()
	for _, p := range s.places {
		counts = append(counts, p.running)
	}
	return counts, s.judged.ended
}

// start counts the attempt as one that is judged, and gives the next its turn.
func (s *slot) start() {
	s.judged.mu.Lock()
	for _, p := range s.places {
		p.running++
	}
	s.judged.mu.Unlock()
	s.pass(len(s.places))
}

// end is called when the outcome has been counted: so an attempt is seen as one
// that is judged, or by its outcome, or by both, and never by neither.
func (s *slot) end() {
	s.gone(1)
	s.judged.mu.Lock()
	defer s.judged.mu.Unlock()
	close(s.judged.ended)
	s.judged.ended = make(chan struct{})
}

// abandon gives up, and gives the next its turn.
func (s *slot) abandon() {
	s.pass(len(s.places))
	s.gone(0)
}

// pass gives the turn at the first n places to the next.
func (s *slot) pass(n int) {
	for _, p := range s.places[:n] {
		p.turn.Release(1)
	}
}

// gone takes the slot away, with so many that were running.
func (s *slot) gone(running int) {
	s.judged.mu.Lock()
	defer s.judged.mu.Unlock()
	for i, p := range s.places {
		p.running -= running
		if p.slots--; p.slots == 0 {
			delete(s.judged.keys, s.limits[i].key)
		}
	}
}
