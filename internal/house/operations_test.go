package house_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// failures are the rows of the failure table: what happens, what the server
// does, and what shows it.
func failures(t *testing.T) [][]string {
	t.Helper()
	page, err := os.ReadFile("docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "\n## When something breaks\n")
	section, _, ended := strings.Cut(section, "\n## ")
	if !found || !ended {
		t.Fatal("operations.md has no section on what breaks, or none behind it")
	}
	var rows [][]string
	for _, line := range strings.Split(section, "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "| what happens") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows
}

var (
	// named is a test, or the package that the tests before it are in.
	named = regexp.MustCompile("`(Test\\w+)`|\\(([a-z]+(?:/[a-z]+)*)\\)")
	// declared is a test in a file of tests.
	declared = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
)

// tests are those that a folder declares.
func tests(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.FromSlash(folder), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range declared.FindAllStringSubmatch(string(text), -1) {
			all = append(all, found[1])
		}
	}
	return all
}

// TestFailureTable: every row says what the server does and names tests that
// there are, in the package behind them; the failures that a server in production
// meets are all there.
func TestFailureTable(t *testing.T) {
	atRoot(t)
	t.Parallel()
	rows := failures(t)
	for _, row := range rows {
		if len(row) != 3 || slices.Contains(row, "") {
			t.Errorf("a row has not three full cells: %q", row)
			continue
		}
		var waiting []string // for their package
		seen := 0
		for _, found := range named.FindAllStringSubmatch(row[2], -1) {
			if found[1] != "" {
				waiting = append(waiting, found[1])
				continue
			}
			there := tests(t, found[2])
			for _, test := range waiting {
				seen++
				if !slices.Contains(there, test) {
					t.Errorf("%s: there is no %s in %s", row[0], test, found[2])
				}
			}
			waiting = nil
		}
		if len(waiting) > 0 {
			t.Errorf("%s: it is not said in which package %v stand", row[0], waiting)
		}
		if seen == 0 && row[2] != "no test: by design" {
			t.Errorf("%s: no test shows it", row[0])
		}
	}
	for _, failure := range []string{
		"the database is down", "the database is slow", "the database restarts", "the disk is full", "the clock jumps", "(`kill -9`)", "a rolling restart",
	} {
		if !slices.ContainsFunc(rows, func(row []string) bool { return strings.Contains(row[0], failure) }) {
			t.Errorf("no row says what happens when %s", failure)
		}
	}
}

// TestThreatTable: every threat of security.md has an asset, an attack, what is done, and
// a test that holds it, or says that there is none. TestNamedTestsExist looks for the tests.
func TestThreatTable(t *testing.T) {
	atRoot(t)
	t.Parallel()
	threats, inside := 0, false
	for line := range strings.Lines(read(t, "docs/security.md")) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		switch {
		case !strings.HasPrefix(line, "| "):
			inside = false
		case strings.HasPrefix(line, "| asset | attack |"):
			inside = true
		case inside && !strings.HasPrefix(line, "| --- "):
			threats++
			if len(cells) != 4 || slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) == "" }) {
				t.Errorf("a threat has not four full cells: %s", line)
			} else if !strings.Contains(cells[3], "`Test") && !strings.Contains(cells[3], "no test") {
				t.Errorf("no test holds this, and the row does not say so: %s", line)
			}
		}
	}
	if threats < 30 {
		t.Errorf("only %d threats were read", threats)
	}
}

// TestNamedTestsExist: a test that any page of the project names is one.
func TestNamedTestsExist(t *testing.T) {
	atRoot(t)
	t.Parallel()
	folders, pages := map[string]bool{}, []string{}
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case strings.HasSuffix(path, "_test.go"):
			folders[filepath.Dir(path)] = true
		case strings.HasSuffix(path, ".md"):
			pages = append(pages, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for folder := range folders {
		for _, test := range tests(t, folder) {
			there[test] = true
		}
	}
	seen := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile("`(Test[A-Z]\\w+)`").FindAllStringSubmatch(string(text), -1) {
			seen++
			if !there[found[1]] {
				t.Errorf("%s names %s, and there is no such test", page, found[1])
			}
		}
	}
	if len(pages) < 5 || seen < 20 {
		t.Errorf("%d pages name %d tests: too few to prove anything", len(pages), seen)
	}
}
