//go:build !race

package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// plainNames are words that no name of Go has, and what to write in their place:
// as a name each is a picture, or means several things. In a sentence they may
// stand, and so in the name of a test, which is one.
var plainNames = map[string]string{
	`quiet|silent`:                          "idle, unresponsive, without output",
	`alike`:                                 "same, indistinguishable",
	`together`:                              "concurrent, at once",
	`enters?|entered`:                       "admit, acquire",
	`leaves?|leaving`:                       "release, abandon, cancel; scalars of JSON",
	`visits?|visitors?`:                     "use, session",
	`forgets?`:                              "drop, ignore, keeps the old",
	`deaf|sick|moody|sluggish|hesitant`:     "unresponsive, unready, unstable, slow",
	`(im)?patient|hopeless|poisoned|fooled`: "what it does: waits, accepts",
	`victims?|culprits?|survivors?|evil`:    "cause, the killed one, hostile",
	`swallow|thaw(ed)?`:                     "drop, cut, resume",
	`fly|flies`:                             "run",
	`holds?|held|hold(ing|er)`:              "contains, has, matches",
}

// barriers are the folders in which to hold is one thing: to let requests wait at
// the mock until they are released.
var barriers = []string{"mockserver", "internal/management", "internal/clientsuite"}

// TestPlainNames keeps the words of plainNames out of the names of Go.
func TestPlainNames(t *testing.T) {
	atRoot(t)
	t.Parallel()
	patterns := slices.Sorted(maps.Keys(plainNames))
	banned := regexp.MustCompile(`(?i)\b(?:` + strings.Join(patterns, `|`) + `)\b`)
	sentence := regexp.MustCompile(`^(Test|Benchmark|Fuzz|Example)`)
	seen := 0
	for _, file := range sources(t) {
		if !strings.HasSuffix(file, ".go") {
			continue
		}
		positions := token.NewFileSet()
		parsed, err := parser.ParseFile(positions, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range namesIn(parsed) {
			seen++
			word := banned.FindString(string(split([]byte(name.Name))))
			if word == "" || sentence.MatchString(name.Name) {
				continue
			}
			which := slices.IndexFunc(patterns, func(pattern string) bool {
				return regexp.MustCompile(`(?i)^(?:` + pattern + `)$`).MatchString(word)
			})
			if strings.Contains(patterns[which], "hold") && within(file, barriers...) {
				continue
			}
			t.Errorf("%s: %s has the word %q: write %s", positions.Position(name.Pos()), name.Name, word, plainNames[patterns[which]])
		}
	}
	if seen < 10000 {
		t.Errorf("only %d names were seen", seen)
	}
}

// namesIn are the names that a file gives to something.
func namesIn(file *ast.File) []*ast.Ident {
	names := []*ast.Ident{file.Name}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			names = append(names, n.Name)
		case *ast.TypeSpec:
			names = append(names, n.Name)
		case *ast.ValueSpec:
			names = append(names, n.Names...)
		case *ast.Field: // of structs and interfaces, and parameters
			names = append(names, n.Names...)
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				for _, left := range []ast.Expr{n.Key, n.Value} {
					if name, is := left.(*ast.Ident); is {
						names = append(names, name)
					}
				}
			}
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if name, is := left.(*ast.Ident); is && n.Tok == token.DEFINE {
					names = append(names, name)
				}
			}
		}
		return true
	})
	return names
}
