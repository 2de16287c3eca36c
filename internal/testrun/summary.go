package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// summary is what the last lines need beside the events.
type summary struct {
	name   string
	slow   time.Duration
	took   time.Duration
	strict bool // a skipped test is a failure
}

type timed struct {
	test string
	took time.Duration
}

// time notes how long a test took, its subtests included.
func (r *run) time(name string, t *test) {
	if t.parent == nil {
		r.times = append(r.times, timed{name, t.took})
	}
}

// conclude closes what has not ended, prints the last lines and says whether all
// is well. err is how the command ended.
func (r *run) conclude(s summary, err error) bool {
	for _, p := range r.order {
		if !p.ended {
			p.output = append(p.output, "FAIL\t"+p.path+" [did not end]\n")
			r.end(p, "fail")
		}
	}
	tests := r.passed + len(r.failures) + len(r.skips)
	if len(r.failures) == 0 && err != nil {
		r.failures = append(r.failures, err.Error())
	}
	if tests == 0 && err == nil {
		r.failures = append(r.failures, "no test was run")
	}
	r.listSlow(s.slow)
	r.listSkips()
	if s.strict && len(r.skips) > 0 {
		fmt.Fprintln(r.out, "\nwith CI=true nothing may be skipped")
	}
	r.listFailures()
	fmt.Fprintf(r.out, "\n%s: %d passed, %d failed, %d skipped\n", s.name, r.passed, len(r.failures), len(r.skips))
	fmt.Fprintf(r.out, "%d packages, %d tests, %d skipped, %d failed, %.0f s\n", r.tested, tests, len(r.skips), len(r.failures), s.took.Seconds())
	return len(r.failures) == 0 && (len(r.skips) == 0 || !s.strict)
}

func (r *run) listSlow(least time.Duration) {
	if least <= 0 {
		return
	}
	slow := slices.DeleteFunc(slices.Clone(r.times), func(t timed) bool { return t.took < least })
	slices.SortStableFunc(slow, func(a, b timed) int { return cmp.Compare(b.took, a.took) })
	fmt.Fprintf(r.out, "\n%d tests took %v or longer:\n", len(slow), least)
	for _, t := range slow {
		fmt.Fprintf(r.out, "  %6.1f s  %s\n", t.took.Seconds(), t.test)
	}
}

// listSkips prints the reasons, the most frequent first, each with its tests.
func (r *run) listSkips() {
	if len(r.skips) == 0 {
		return
	}
	tests := map[string][]string{}
	for _, s := range r.skips {
		tests[s.reason] = append(tests[s.reason], s.test)
	}
	reasons := slices.Sorted(maps.Keys(tests))
	slices.SortStableFunc(reasons, func(a, b string) int { return cmp.Compare(len(tests[b]), len(tests[a])) })
	fmt.Fprintf(r.out, "\n%d skipped:\n", len(r.skips))
	for _, reason := range reasons {
		fmt.Fprintf(r.out, "  %d  %s\n", len(tests[reason]), reason)
		const shown = 3
		for _, name := range tests[reason][:min(shown, len(tests[reason]))] {
			fmt.Fprintf(r.out, "       %s\n", name)
		}
		if more := len(tests[reason]) - shown; more > 0 {
			fmt.Fprintf(r.out, "       and %d more\n", more)
		}
	}
}

func (r *run) listFailures() {
	if len(r.failures) == 0 {
		return
	}
	fmt.Fprintf(r.out, "\n%d failed:\n", len(r.failures))
	for _, failure := range r.failures {
		fmt.Fprintf(r.out, "  %s\n", strings.TrimSpace(failure))
	}
}
