package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// hunt is all rounds of all packages, and what was red in them.
type hunt struct {
	out    io.Writer
	run    func(ctx context.Context, p pkg, procs int) (output []byte, err error)
	rounds func(took time.Duration) int
	atOnce int // packages under load at a time

	plans []*plan // of the packages, in their order

	mu   sync.Mutex // guards what follows, and out
	runs int
	red  []*red
}

// plan is how often a package runs under load.
type plan struct {
	path    string
	took    time.Duration // without load
	rounds  int
	begun   int
	ended   int // of those that were not cut off
	running bool
}

// red is a test that failed at least once.
type red struct {
	test  string
	times int
	runs  int // of its package when it failed last
}

// procs are the numbers of GOMAXPROCS, by turns.
var procs = []int{1, 2, 8}

// unloaded runs each package once, and plans its rounds by how long it takes.
func (h *hunt) unloaded(ctx context.Context, packages []pkg) {
	for _, p := range packages {
		began := time.Now()
		h.try(ctx, p, 0)
		took := time.Since(began)
		h.plans = append(h.plans, &plan{path: p.path, took: took, rounds: h.rounds(took)})
		fmt.Fprintf(h.out, "%6.1f s  %s\n", took.Seconds(), p.path)
	}
}

// busy runs the planned rounds, of atOnce packages at a time. A package does not run beside
// itself: its tests may write in its folder.
func (h *hunt) busy(ctx context.Context, packages []pkg) {
	ended := make(chan *plan)
	all, done, running := 0, 0, 0
	for _, p := range h.plans {
		all += p.rounds
	}
	for began := time.Now(); ; {
		for i := h.next(); i >= 0 && running < max(1, h.atOnce) && ctx.Err() == nil; i = h.next() {
			p, of := h.plans[i], packages[i]
			p.running = true
			p.begun++
			running++
			go func() {
				h.try(ctx, of, p.begun)
				ended <- p
			}()
		}
		if running == 0 {
			return
		}
		p := <-ended
		p.running = false
		running--
		if ctx.Err() != nil {
			continue
		}
		p.ended++
		if done++; done == all || done%max(1, all/20) == 0 {
			h.progress(done, all, time.Since(began))
		}
	}
}

// next is the package that is the furthest behind its plan, of those that do not run, and
// the slowest of several; -1 where there is none. So the slowest of all waits for no other.
func (h *hunt) next() int {
	next := -1
	for i, p := range h.plans {
		if p.running || p.begun == p.rounds {
			continue
		}
		if next >= 0 {
			best := h.plans[next]
			if behind := p.begun*best.rounds - best.begun*p.rounds; behind > 0 || behind == 0 && p.took <= best.took {
				continue
			}
		}
		next = i
	}
	return next
}

func (h *hunt) progress(done, all int, after time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fmt.Fprintf(h.out, "%d of %d rounds, %.0f s, ever red: %d\n", done, all, after.Seconds(), len(h.red))
}

// try runs a package once. A run that ctx has cut off says nothing.
func (h *hunt) try(ctx context.Context, p pkg, round int) {
	n := 0 // as many as there are processors
	if round > 0 {
		n = procs[(round-1)%len(procs)]
	}
	output, err := h.run(ctx, p, n)
	if ctx.Err() != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.runs++
	if err == nil {
		return
	}
	for _, name := range failed(output) {
		h.note(p.path+" "+name, round, fmt.Sprintf("round %d, GOMAXPROCS=%d, %v\n%s", round, n, err, output))
	}
}

func (h *hunt) note(test string, round int, said string) {
	i := slices.IndexFunc(h.red, func(r *red) bool { return r.test == test })
	if i < 0 {
		i = len(h.red)
		h.red = append(h.red, &red{test: test})
		fmt.Fprintf(h.out, "\n== red: %s\n%s\n", test, said)
	}
	h.red[i].times++
	h.red[i].runs = max(h.red[i].runs, round+1) // the unloaded one, too
}

// conclude prints what was ever red, and what lacks rounds; it fails if anything was red.
func (h *hunt) conclude() error {
	fmt.Fprintln(h.out)
	for _, r := range h.red {
		fmt.Fprintf(h.out, "red %d times in %d runs: %s\n", r.times, r.runs, r.test)
	}
	for _, p := range h.plans {
		if p.ended < p.rounds {
			fmt.Fprintf(h.out, "only %d of %d rounds: %s\n", p.ended, p.rounds, p.path)
		}
	}
	fmt.Fprintf(h.out, "stress: %d packages, %d runs, %d ever red\n", len(h.plans), h.runs, len(h.red))
	if len(h.red) > 0 {
		return fmt.Errorf("%d ever red", len(h.red))
	}
	return nil
}

var failLine = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+) \(`)

// failed are the tests that failed by what a run printed, without those that did
// because a subtest did; or what else there is to name.
func failed(output []byte) []string {
	var names []string
	for _, found := range failLine.FindAllSubmatch(output, -1) {
		if name := string(found[1]); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	all := slices.Clone(names)
	names = slices.DeleteFunc(names, func(name string) bool {
		return slices.ContainsFunc(all, func(other string) bool { return strings.HasPrefix(other, name+"/") })
	})
	if len(names) == 0 {
		return []string{"(the package)"}
	}
	return names
}

// runTests runs the tests of a package in a random order.
func runTests(ctx context.Context, p pkg, procs int) ([]byte, error) {
	command := exec.CommandContext(ctx, p.binary, "-test.shuffle=on", "-test.timeout=1h", "-test.paniconexit0")
	command.Dir = p.dir
	command.Env = os.Environ()
	if procs > 0 {
		command.Env = append(command.Env, fmt.Sprintf("GOMAXPROCS=%d", procs))
	}
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	command.WaitDelay = 10 * time.Second // for a process that a test has left behind and that holds the output open
	err := command.Run()
	return output.Bytes(), err
}
