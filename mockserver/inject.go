package mockserver

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/reference/clock"
)

// Injection is a fault in a running mock. It is safe for concurrent use.
type Injection struct {
	faults *faults
	id     int
	fault  Fault
	ends   time.Time // zero: never
	draw   *rand.Rand

	// The mutex of faults guards these.
	seen, affected int
}

// ID identifies the fault in the mock.
func (i *Injection) ID() int { return i.id }

// Fault returns the fault with its defaults.
func (i *Injection) Fault() Fault { return i.fault }

// Count returns how many requests the fault has affected.
func (i *Injection) Count() int {
	i.faults.mu.Lock()
	defer i.faults.mu.Unlock()
	return i.affected
}

// Remove ends the fault. Requests that it affects already are not released.
func (i *Injection) Remove() { i.faults.remove(i) }

// faults are those of a mock.
type faults struct {
	clock    clock.Clock
	seed     uint64
	dialects []string

	mu   sync.Mutex
	next int
	list []*Injection
}

// Inject lets the mock make a mistake, from the next request on. The error says
// what the mock cannot do. It is safe for concurrent use.
func (s *Server) Inject(f Fault) (*Injection, error) {
	i, err := s.faults.inject(f)
	if err != nil {
		return nil, fmt.Errorf("inject a fault: %w", err)
	}
	return i, nil
}

// Faults returns the faults that were injected and not removed, those included
// that have ended by themselves.
func (s *Server) Faults() []*Injection {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return slices.Clone(s.faults.list)
}

func (f *faults) inject(fault Fault) (*Injection, error) {
	fault, err := fault.check(f.dialects)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	i := &Injection{faults: f, id: f.next, fault: fault}
	if fault.For > 0 {
		i.ends = f.clock.Now().Add(time.Duration(fault.For))
	}
	if fault.Share > 0 {
		i.draw = rand.New(rand.NewPCG(f.seed, uint64(f.next))) //nolint:gosec // faults repeat by their seed
	}
	f.list = append(f.list, i)
	return i, nil
}

func (f *faults) remove(i *Injection) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = slices.DeleteFunc(f.list, func(other *Injection) bool { return other == i })
}

// reset removes all faults.
func (f *faults) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list, f.next = nil, 0
}

// pick counts a request, and returns the fault that affects it, and how many requests that
// has affected; nil: none. Over gRPC it may be a stream.
func (f *faults) pick(r Request, stream bool) (*Fault, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.clock.Now()
	var picked *Injection
	for _, i := range f.list {
		if i.meets(r, stream, now) && picked == nil {
			picked = i
		}
	}
	if picked == nil {
		return nil, 0
	}
	picked.affected++
	fault := picked.fault
	return &fault, picked.affected
}

// meets counts a request that the fault is for, and says whether it affects it.
func (i *Injection) meets(r Request, stream bool, now time.Time) bool {
	f := i.fault
	switch {
	case f.Operation != "" && f.Operation != r.Operation, f.Dialect != "" && f.Dialect != r.Dialect,
		f.Path != "" && f.Path != r.Path, f.Session != "" && f.Session != r.Session,
		f.Times > 0 && i.affected >= f.Times, !i.ends.IsZero() && !now.Before(i.ends),
		!effects[f.Effect].meets(r, stream):
		return false
	}
	i.seen++
	after := i.seen - max(f.From, 1)
	if after < 0 || f.Every > 1 && after%f.Every != 0 {
		return false
	}
	return i.draw == nil || i.draw.Float64() < f.Share
}
