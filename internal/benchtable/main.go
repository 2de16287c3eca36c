// Command benchtable reads the output of go test -bench, passes it on, and adds
// a table of the benchmarks that compare: those whose names differ in their last
// element only, each with its ratio to the first of them. Of a benchmark that ran
// several times, as with -count, the median stands there.
//
//	go test -bench . ./sdk | go run ./internal/benchtable
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "benchtable:", err)
		os.Exit(1)
	}
}

// result is one line of a benchmark.
type result struct {
	group, name    string
	nanos, allocs  float64
	allocsReported bool
}

var line = regexp.MustCompile(`^Benchmark(\S+)/(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op(?:.*?\s([\d.]+) allocs/op)?`)

// parse reads one line, and returns false if it is no comparable benchmark.
func parse(text string) (result, bool) {
	m := line.FindStringSubmatch(text)
	if m == nil {
		return result{}, false
	}
	nanos, err := strconv.ParseFloat(m[3], 64)
	if err != nil {
		return result{}, false
	}
	r := result{group: m[1], name: m[2], nanos: nanos, allocsReported: m[4] != ""}
	if r.allocsReported {
		if r.allocs, err = strconv.ParseFloat(m[4], 64); err != nil {
			return result{}, false
		}
	}
	return r, true
}

func run(in io.Reader, out io.Writer) error {
	var order []string
	groups := map[string][]result{}
	failed := false
	scanner := bufio.NewScanner(in)
	for scanner.Scan() {
		text := scanner.Text()
		fmt.Fprintln(out, text)
		failed = failed || strings.HasPrefix(text, "FAIL") || strings.HasPrefix(text, "--- FAIL")
		if r, ok := parse(text); ok {
			if groups[r.group] == nil {
				order = append(order, r.group)
			}
			groups[r.group] = append(groups[r.group], r)
		}
	}
	if err := scanner.Err(); err != nil {
		return err
	}
	if failed {
		return fmt.Errorf("a benchmark failed") // the pipe has swallowed go test's exit code
	}
	return table(out, order, groups)
}

func table(out io.Writer, order []string, groups map[string][]result) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\nbenchmark\t\tns/op\tratio\tallocs/op\tratio\t\n")
	for _, group := range order {
		results := medians(groups[group])
		first := results[0]
		for _, r := range results {
			allocs, allocRatio := "", ""
			if r.allocsReported {
				allocs, allocRatio = fmt.Sprintf("%.0f", r.allocs), ratio(r.allocs, first.allocs)
			}
			fmt.Fprintf(w, "%s\t%s\t%.0f\t%s\t%s\t%s\t\n", group, r.name, r.nanos, ratio(r.nanos, first.nanos), allocs, allocRatio)
		}
	}
	return w.Flush()
}

// medians returns one result for each name, in the order of the names' first
// runs: the one in the middle by its time.
func medians(results []result) []result {
	var names []string
	runs := map[string][]result{}
	for _, r := range results {
		if runs[r.name] == nil {
			names = append(names, r.name)
		}
		runs[r.name] = append(runs[r.name], r)
	}
	middle := make([]result, len(names))
	for i, name := range names {
		slices.SortFunc(runs[name], func(a, b result) int { return cmp.Compare(a.nanos, b.nanos) })
		middle[i] = runs[name][(len(runs[name])-1)/2]
	}
	return middle
}

func ratio(value, of float64) string {
	if of == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", value/of)
}
