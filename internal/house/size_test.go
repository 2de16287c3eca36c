package house_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A reader takes in a file, and a folder, of this size.
const (
	maxLines = 400
	maxFiles = 25 // without tests
)

// TestSizes bounds the lines of each Go file that people write, and the files of
// each folder.
func TestSizes(t *testing.T) {
	atRoot(t)
	t.Parallel()
	files := map[string]int{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, ".pb.go") {
			return nil
		}
		if !strings.HasSuffix(path, "_test.go") {
			files[filepath.Dir(path)]++
		}
		text, err := os.ReadFile(path)
		if lines := bytes.Count(text, []byte("\n")); lines > maxLines {
			t.Errorf("%s has %d lines; the limit is %d", path, lines, maxLines)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, n := range files {
		if n > maxFiles {
			t.Errorf("%s has %d files; the limit is %d", folder, n, maxFiles)
		}
	}
	if len(files) < 28 {
		t.Errorf("only %d folders were seen", len(files))
	}
}

// TestPublicPackages bounds what stands outside of internal: each package that other
// programs can import is a promise, and each program a page to read.
func TestPublicPackages(t *testing.T) {
	t.Parallel()
	atRoot(t)
	var public []string
	for _, path := range goList(t, "{{.ImportPath}}", "./...") {
		if !strings.Contains(path+"/", "/internal/") {
			public = append(public, local(path))
		}
	}
	if len(public) > 28 {
		t.Errorf("%d packages stand outside of internal, at most 28 may: %v", len(public), slices.Sorted(slices.Values(public)))
	}
}
