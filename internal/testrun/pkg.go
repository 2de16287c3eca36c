package main

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// pkg is a package under test.
type pkg struct {
	path   string
	tests  map[string]*test
	order  []*test // as they began
	output []string
	ended  bool
}

// test is a test, a subtest, an example or a fuzz test.
type test struct {
	name   string
	output []string
	action string // how it ended: pass, fail or skip; "" before
	took   time.Duration
	parent *test
	whole  bool // it has subtests
	broken bool // one of its subtests has failed, or did not end
}

// test returns a test of the package, also one that was not heard of before.
func (p *pkg) test(name string) *test {
	if t, found := p.tests[name]; found {
		return t
	}
	t := &test{name: name}
	// A name may have more slashes than levels.
	for above := name; t.parent == nil; {
		cut := strings.LastIndexByte(above, '/')
		if cut < 0 {
			break
		}
		above = above[:cut]
		t.parent = p.tests[above]
	}
	p.tests[name] = t
	p.order = append(p.order, t)
	return t
}

// counts says whether a test is a number of its own: it has no subtests, or
// fails and is not failed by one of them.
func (t *test) counts() bool {
	return !t.whole || t.action == "skip" || t.action == "fail" && !t.broken
}

// findWholes marks the tests that have subtests, by all names: where "a" and "a/b" are names
// beside each other, which of them begins first may be chance, and the count must not be.
func (p *pkg) findWholes() {
	for _, t := range p.order {
		for above := t.name; strings.Contains(above, "/"); {
			above = above[:strings.LastIndexByte(above, '/')]
			if whole, found := p.tests[above]; found {
				whole.whole = true
			}
		}
	}
}

// end notes how a test ended. Subtests end before the test that they are part of.
func (t *test) end(action string, seconds float64) {
	t.action, t.took = action, time.Duration(seconds*float64(time.Second))
	if action == "pass" {
		t.output = nil
	}
	if action == "fail" {
		t.breakParents()
	}
}

func (t *test) breakParents() {
	for above := t.parent; above != nil; above = above.parent {
		above.broken = true
	}
}

// framing are the lines of the testing package about the order of things.
var framing = regexp.MustCompile(`^=== (?:RUN|PAUSE|CONT|NAME)\s`)

// said is the output of a test without the framing.
func (t *test) said() []string {
	return slices.DeleteFunc(slices.Clone(t.output), framing.MatchString)
}

// logged is the beginning of a line that a test logs.
var logged = regexp.MustCompile(`^\s*[^\s:]+\.go:\d+: `)

// reason is why a test was skipped: the last that it logged.
func (t *test) reason() string {
	var reason []string
	for _, line := range t.said() {
		if strings.HasPrefix(strings.TrimSpace(line), "--- SKIP: ") {
			continue
		}
		if begin := logged.FindString(line); begin != "" {
			reason, line = nil, strings.TrimPrefix(line, begin)
		}
		reason = append(reason, strings.Fields(line)...)
	}
	if len(reason) == 0 {
		return "no reason is given"
	}
	return strings.Join(reason, " ")
}
