//go:build !race

package house_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestExampleFiles: whoever looks for an example of a package finds it in a file
// whose name begins with "example".
func TestExampleFiles(t *testing.T) {
	atRoot(t)
	t.Parallel()
	example := regexp.MustCompile(`(?m)^func (Example\w*)\(`)
	seen := 0
	for _, file := range sources(t) {
		if !strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range example.FindAllSubmatch(text, -1) {
			seen++
			if !strings.HasPrefix(filepath.Base(file), "example") {
				t.Errorf("%s has %s, which belongs into example_test.go beside it", file, found[1])
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d examples were seen", seen)
	}
}
