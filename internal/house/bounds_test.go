package house_test

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// units are those in which the table of bounds gives sizes and times.
var units = map[string]int64{"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "s": 1e9, "min": 60 * 1e9}

// durations turns the constants of package time into numbers.
var durations = strings.NewReplacer("time.Second", "1000000000", "time.Minute", "60000000000")

// constantOf returns the value of a constant that a folder declares.
func constantOf(t *testing.T, folder, name string) (int64, bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.FromSlash(folder), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		var found ast.Expr
		ast.Inspect(parsed, func(node ast.Node) bool {
			if spec, is := node.(*ast.ValueSpec); is && len(spec.Names) == 1 && len(spec.Values) == 1 && spec.Names[0].Name == name {
				found = spec.Values[0]
			}
			return true
		})
		if found == nil {
			continue
		}
		var text strings.Builder
		if err := printer.Fprint(&text, fset, found); err != nil {
			t.Fatal(err)
		}
		value, err := types.Eval(fset, nil, token.NoPos, durations.Replace(text.String()))
		if err != nil {
			t.Fatalf("%s of %s: %v", name, folder, err)
		}
		return constant.Int64Val(constant.ToInt(value.Value))
	}
	return 0, false
}

// TestBoundsTable: every bound that operations.md promises is a constant of that value
// in the package that it names.
func TestBoundsTable(t *testing.T) {
	atRoot(t)
	t.Parallel()
	page, err := os.ReadFile("docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Bounds\n")
	section, _, _ = strings.Cut(section, "\n## ")
	number := regexp.MustCompile(`^(\d+) ?(\w*)$`)
	source := regexp.MustCompile("^`([mM]ax\\w+)`.*?\\(([a-z/]+)\\)")
	rows := 0
	for _, line := range strings.Split(section, "\n") {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 4 || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "| what") {
			continue
		}
		rows++
		at, from := number.FindStringSubmatch(strings.TrimSpace(cells[1])), source.FindStringSubmatch(strings.TrimSpace(cells[3]))
		if at == nil || from == nil || units[at[2]] == 0 {
			t.Errorf("a row does not give a number and a constant: %s", line)
			continue
		}
		want, err := strconv.ParseInt(at[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got, found := constantOf(t, from[2], from[1]); !found || got != want*units[at[2]] {
			t.Errorf("%s: the constant %s of %s is %d", line, from[1], from[2], got)
		}
	}
	if rows < 15 {
		t.Errorf("the table has %d rows: too few to prove anything", rows)
	}
}
