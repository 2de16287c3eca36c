package conformance

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// progressEvery is how often people are told how far a run is.
const progressEvery = 10 * time.Second

// progress tells how far a run is, and what it waits for. The nil progress tells nobody.
type progress struct {
	say func(line string)
	all int // scenarios

	mu      sync.Mutex
	done    map[*testCase]bool
	running []*testCase
}

// newProgress tells nothing where nobody listens.
func newProgress(say func(line string), p *plan) *progress {
	if say == nil {
		return nil
	}
	all := 0
	for _, row := range p.rows {
		for _, c := range row.cases {
			if c.result.Outcome == "" { // else it is not to be run
				all++
			}
		}
	}
	return &progress{say: say, all: all, done: map[*testCase]bool{}}
}

// start tells how far the run is, from time to time, until stop.
func (p *progress) start() (stop func()) {
	if p == nil {
		return func() {}
	}
	ended := make(chan struct{})
	var telling sync.WaitGroup
	telling.Go(func() {
		ticks := time.NewTicker(progressEvery)
		defer ticks.Stop()
		for {
			select {
			case <-ticks.C:
				p.tell()
			case <-ended:
				return
			}
		}
	})
	return func() {
		close(ended)
		telling.Wait()
	}
}

// tell says the line. A panic of the caller's function ends no run.
func (p *progress) tell() {
	defer func() { _ = recover() }()
	p.say(p.line())
}

// line is how far the run is.
func (p *progress) line() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := fmt.Sprintf("%d of %d scenarios are done", len(p.done), p.all)
	if len(p.running) > 0 {
		c := p.running[0] // for the longest time
		line += fmt.Sprintf("; %s runs: %s", c.row.ID, c.scenario.Name)
	}
	return line
}

// runs notes that a scenario runs, until the returned function is called. It may run
// again later.
func (p *progress) runs(c *testCase) (ended func()) {
	if p == nil {
		return func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = append(p.running, c)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		i := slices.Index(p.running, c)
		p.running = slices.Delete(p.running, i, i+1)
		p.done[c] = true
	}
}

// waits tells of a wait that people may wonder about.
func (p *progress) waits(d time.Duration, why string) {
	if p != nil {
		p.say(fmt.Sprintf("waiting for %s, until %s: %s", humanize.Duration(d), time.Now().Add(d).Format(time.TimeOnly), why))
	}
}
