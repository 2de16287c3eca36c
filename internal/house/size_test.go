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

// TestSeeds bounds the inputs that are kept for fuzz tests, and looks for the test of each.
func TestSeeds(t *testing.T) {
	atRoot(t)
	t.Parallel()
	const most, bytesOfEach = 10, 2048
	seeds := map[string]int{} // by folder
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Base(filepath.Dir(filepath.Dir(path))) != "fuzz" {
			return err
		}
		seeds[filepath.Dir(path)]++
		info, err := entry.Info()
		if err == nil && info.Size() > bytesOfEach {
			t.Errorf("%s has %d bytes; the limit is %d", path, info.Size(), bytesOfEach)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, n := range seeds {
		if n > most {
			t.Errorf("%s has %d seeds; the limit is %d", folder, n, most)
		}
		declared := []byte("func " + filepath.Base(folder) + "(f *testing.F)")
		files, err := filepath.Glob(filepath.Join(folder, "..", "..", "..", "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := slices.ContainsFunc(files, func(file string) bool {
			text, err := os.ReadFile(file)
			return err == nil && bytes.Contains(text, declared)
		})
		if !found {
			t.Errorf("%s has seeds, and no such test", folder)
		}
	}
	if len(seeds) < 20 {
		t.Errorf("seeds of only %d tests were seen", len(seeds))
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
