package mockserver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Hold is a barrier: requests of an operation wait at it. It is safe for concurrent
// use.
type Hold struct {
	operation Operation
	holds     *holds
	wanted    int // 0: until Release

	// The mutex of holds guards these.
	arrived  int
	released bool

	arrival chan struct{} // closed and replaced with every arrival
	free    chan struct{} // closed by the release
}

// errClosed is the end of a request that was waiting when the mock was closed.
var errClosed = errors.New("the mock is closed")

// holds are the barriers of a mock.
type holds struct {
	closed chan struct{} // closed with the mock

	mu   sync.Mutex
	list []*Hold
}

// Hold lets requests of an operation wait until n have arrived, and then go on
// together; later ones do not wait. With n = 0 they wait until Release. Waiting
// requests end with their client or the mock.
//
// A client that makes one renewal for many callers sends one request, however many
// callers there are: hold 0, start the callers, wait for the first, and see that no
// second arrives. The error says that there is no such operation, or that n is
// negative.
func (s *Server) Hold(o Operation, n int) (*Hold, error) {
	if !slices.Contains(Operations(), o) || n < 0 {
		return nil, fmt.Errorf("hold %d requests of %q: the operations are %v, and the number is not negative", n, o, Operations())
	}
	h := &Hold{operation: o, holds: &s.holds, wanted: n, arrival: make(chan struct{}), free: make(chan struct{})}
	s.holds.mu.Lock()
	defer s.holds.mu.Unlock()
	s.holds.list = append(s.holds.list, h)
	return h, nil
}

// Arrived returns how many requests have arrived.
func (h *Hold) Arrived() int {
	h.holds.mu.Lock()
	defer h.holds.mu.Unlock()
	return h.arrived
}

// Wait waits until n requests have arrived. The error is the context's.
func (h *Hold) Wait(ctx context.Context, n int) error {
	for {
		h.holds.mu.Lock()
		arrived, next := h.arrived, h.arrival
		h.holds.mu.Unlock()
		if arrived >= n {
			return nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return fmt.Errorf("wait for %d requests of %s: %d have arrived: %w", n, h.operation, arrived, ctx.Err())
		}
	}
}

// Release lets all waiting requests go on, and ends the hold.
func (h *Hold) Release() {
	h.holds.mu.Lock()
	defer h.holds.mu.Unlock()
	h.release()
}

func (h *Hold) release() {
	if h.released {
		return
	}
	h.released = true
	close(h.free)
	h.holds.list = slices.DeleteFunc(h.holds.list, func(other *Hold) bool { return other == h })
}

// pass lets a request wait at the first hold of its operation.
func (hs *holds) pass(ctx context.Context, o Operation) error {
	h := hs.arrive(o)
	if h == nil {
		return ctx.Err()
	}
	select {
	case <-h.free:
		return nil
	case <-hs.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (hs *holds) arrive(o Operation) *Hold {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	i := slices.IndexFunc(hs.list, func(h *Hold) bool { return h.operation == o })
	if i < 0 {
		return nil
	}
	h := hs.list[i]
	h.arrived++
	close(h.arrival)
	h.arrival = make(chan struct{})
	if h.wanted > 0 && h.arrived >= h.wanted {
		h.release()
	}
	return h
}
