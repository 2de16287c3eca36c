package main

import (
	"strings"
	"testing"
)

const sample = `goos: linux
BenchmarkRequest/goroutines=8/oauth2-2   147324   2000 ns/op   1088 B/op   8 allocs/op
BenchmarkRequest/goroutines=8/dragoman-2   203253   1500.5 ns/op   864 B/op   4 allocs/op
BenchmarkPlain-2   100   7 ns/op
BenchmarkOther/one   100   7 ns/op
PASS
`

func TestTable(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(strings.NewReader(sample), &out); err != nil {
		t.Fatal(err)
	}
	added, found := strings.CutPrefix(out.String(), sample)
	if !found {
		t.Fatalf("the input was not passed on:\n%s", out.String())
	}
	var rows []string
	for row := range strings.Lines(added) {
		if row = strings.Join(strings.Fields(row), " "); row != "" {
			rows = append(rows, row)
		}
	}
	want := []string{
		"benchmark ns/op ratio allocs/op ratio",
		"Request/goroutines=8 oauth2 2000 1.00 8 1.00",
		"Request/goroutines=8 dragoman 1500 0.75 4 0.50",
		"Other one 7 1.00",
	}
	if strings.Join(rows, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}

func TestOfSeveralRunsTheMedianCounts(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	in := "BenchmarkX/a-2 1 10 ns/op\nBenchmarkX/b-2 1 900 ns/op\nBenchmarkX/b-2 1 30 ns/op\nBenchmarkX/b-2 1 20 ns/op\n"
	if err := run(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	table := strings.Join(strings.Fields(strings.TrimPrefix(out.String(), in)), " ")
	if !strings.HasSuffix(table, "X a 10 1.00 X b 30 3.00") {
		t.Errorf("got %s", table)
	}
}

func TestFailureIsNotSwallowed(t *testing.T) {
	t.Parallel()
	if err := run(strings.NewReader("--- FAIL: BenchmarkX\nFAIL\n"), &strings.Builder{}); err == nil {
		t.Error("a failed benchmark is no error")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("BenchmarkRequest/goroutines=8/oauth2-2   147324   2000 ns/op   1088 B/op   8 allocs/op")
	f.Fuzz(func(t *testing.T, text string) {
		if r, ok := parse(text); ok && (r.group == "" || r.name == "" || r.nanos < 0) {
			t.Errorf("%q: %+v", text, r)
		}
	})
}
