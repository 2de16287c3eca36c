package house_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/pages"
)

// A block of Go is one of these:
//
//   - a file: it begins with "package" and is compiled as it is;
//   - declarations: they see those of the other blocks of their page;
//   - statements: they stand in a function that has ctx, t and password and may return
//     an error.
//
// The last two have the packages of known without importing them, and run(url), which
// stands for the reader's client. What is declared and not used is no mistake in them.

// known are the packages that a fragment may name.
var known = map[string]string{
	"context": "context", "errors": "errors", "fmt": "fmt", "io": "io", "log": "log", "http": "net/http", "os": "os",
	"signal": "os/signal", "slog": "log/slog",
	"strings": "strings", "syscall": "syscall", "testing": "testing", "synctest": "testing/synctest", "time": "time",
	"sdk": module + "/sdk", "session": module + "/sdk/session", "form": module + "/sdk/form", "rpc": module + "/sdk/rpc", "scoped": module + "/sdk/scoped",
	"fleet": module + "/sdk/fleet", "filestore": module + "/sdk/filestore", "keyringstore": module + "/sdk/keyringstore",
	"grpcauth": module + "/sdk/grpcauth", "oauth2source": module + "/sdk/oauth2source", "otelobserver": module + "/sdk/otelobserver", "sdktest": module + "/sdk/sdktest",
	"mockserver": module + "/mockserver", "container": module + "/mockserver/container", "testcontainers": "github.com/testcontainers/testcontainers-go",
	"conformance": module + "/conformance", "manifest": module + "/conformance/manifest",
	"resty": "github.com/go-resty/resty/v2", "grpc": "google.golang.org/grpc", "credentials": "google.golang.org/grpc/credentials",
}

// TestGoBlocks type-checks the blocks of Go of all pages, each page a package.
func TestGoBlocks(t *testing.T) {
	atRoot(t)
	t.Parallel()
	fset := token.NewFileSet()
	byPage := map[string][]*ast.File{}
	for _, block := range blocksOf(t, "go") {
		file, err := goFile(fset, block)
		if err != nil {
			t.Errorf("this is no Go: %v", err)
			continue
		}
		key := block.Page
		if strings.HasPrefix(block.Text, "package ") {
			key = fmt.Sprint(block.Page, ":", block.Line) // a package of its own
		}
		byPage[key] = append(byPage[key], file)
	}
	reader, err := parser.ParseFile(fset, "", "package page\nfunc run(url string) {}\n", parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	packages := compiled(t)
	for page, files := range byPage {
		if files[0].Name.Name == "page" {
			files = append(files, reader)
		}
		config := types.Config{Importer: packages(fset), Error: func(err error) {
			var fault types.Error
			if !errors.As(err, &fault) {
				t.Errorf("%s: %v", page, err)
			} else if !fault.Soft {
				t.Errorf("%s: %s", fault.Fset.Position(fault.Pos), fault.Msg)
			}
		}}
		_, _ = config.Check(page, fset, files, nil) // Error has been told
	}
}

// goFile parses a block as what it is. Positions are those of the page.
func goFile(fset *token.FileSet, block pages.Block) (*ast.File, error) {
	place := fmt.Sprintf("//line %s:%d\n", block.Page, block.Line)
	if strings.HasPrefix(block.Text, "package ") {
		return parser.ParseFile(fset, "", place+block.Text, parser.SkipObjectResolution)
	}
	head := "package page\n"
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if strings.Contains(block.Text, name+".") {
			head += fmt.Sprintf("import %s %q\n", name, known[name])
		}
	}
	if file, err := parser.ParseFile(fset, "", head+place+block.Text, parser.SkipObjectResolution); err == nil {
		return file, nil
	}
	for _, name := range []string{"context", "testing"} {
		if !strings.Contains(head, fmt.Sprintf("%q\n", name)) {
			head += fmt.Sprintf("import %q\n", name)
		}
	}
	function := "func _(ctx context.Context, t *testing.T, password string) error {\n" + place + block.Text + "\nreturn nil }\n"
	return parser.ParseFile(fset, "", head+function, parser.SkipObjectResolution)
}

// compiled makes importers that read what the go command has compiled of known.
func compiled(t *testing.T) func(*token.FileSet) types.Importer {
	t.Helper()
	exports := map[string]string{}
	args := append([]string{"-export", "-deps"}, slices.Sorted(maps.Values(known))...)
	for _, line := range goList(t, "{{.ImportPath}} {{.Export}}", args...) {
		path, file, _ := strings.Cut(line, " ")
		exports[path] = file
	}
	return func(fset *token.FileSet) types.Importer {
		return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
			if exports[path] == "" {
				return nil, fmt.Errorf("%s is not in known", path)
			}
			return os.Open(exports[path])
		})
	}
}
