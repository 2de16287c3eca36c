package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// run is what is known of a run so far. It is for one goroutine.
type run struct {
	out      io.Writer
	packages map[string]*pkg
	order    []*pkg // as they began
	tested   int    // packages with tests, and those that cannot be built
	passed   int
	failures []string // what failed
	skips    []skip
	times    []timed // of the tests that are no subtests
}

type skip struct{ test, reason string }

func newRun(out io.Writer) *run { return &run{out: out, packages: map[string]*pkg{}} }

// read takes in all events.
func (r *run) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			r.take(parse(line))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the events: %w", err)
		}
	}
}

// take takes in one event. Unknown actions say nothing.
func (r *run) take(e event) {
	switch {
	case e.Action == "other", e.Action == "build-output":
		fmt.Fprint(r.out, e.Output)
	case e.Package == "":
	case e.Test != "":
		r.takeTest(r.pkg(e.Package).test(e.Test), e)
	case e.Action == "output":
		p := r.pkg(e.Package)
		p.output = append(p.output, e.Output)
	case e.Action == "pass", e.Action == "fail", e.Action == "skip":
		r.end(r.pkg(e.Package), e.Action)
	case e.Action == "start":
		r.pkg(e.Package)
	}
}

func (r *run) takeTest(t *test, e event) {
	switch e.Action {
	case "output":
		t.output = append(t.output, e.Output)
	case "pass", "fail", "skip":
		t.end(e.Action, e.Elapsed)
	}
}

// pkg returns a package, also one that was not heard of before.
func (r *run) pkg(path string) *pkg {
	p, found := r.packages[path]
	if !found || p.ended {
		p = &pkg{path: path, tests: map[string]*test{}}
		r.packages[path] = p
		r.order = append(r.order, p)
	}
	return p
}

// end closes a package: it counts its tests and prints what failed.
func (r *run) end(p *pkg, action string) {
	p.ended = true
	if action != "skip" {
		r.tested++
	}
	if failed := r.count(p); failed == 0 && action == "fail" {
		r.failures = append(r.failures, p.path)
	}
	for _, line := range p.output {
		last := strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "FAIL\t") || strings.HasPrefix(line, "?   \t")
		if last || action == "fail" && line != "PASS\n" && line != "FAIL\n" {
			fmt.Fprint(r.out, line)
		}
	}
	p.tests, p.order, p.output = nil, nil, nil
}

// count counts the tests of a package, prints those that failed and returns how
// many they are.
func (r *run) count(p *pkg) (failed int) {
	p.findWholes()
	for _, t := range p.order {
		if t.action == "" { // it did not end, so neither did what it is part of
			t.breakParents()
		}
	}
	for _, t := range p.order {
		name := p.path + "." + t.name
		r.time(name, t)
		switch {
		case t.action == "pass" && t.counts():
			r.passed++
		case t.action == "skip":
			r.skips = append(r.skips, skip{name, t.reason()})
		case t.action == "fail":
			r.print(t)
			if t.counts() {
				failed++
				r.failures = append(r.failures, name)
			}
		case t.action == "":
			r.print(t)
			if !t.broken {
				failed++
				r.failures = append(r.failures, name+" did not end")
			}
		}
	}
	return failed
}

// print prints what a test said.
func (r *run) print(t *test) {
	for _, line := range t.said() {
		fmt.Fprint(r.out, line)
	}
}
