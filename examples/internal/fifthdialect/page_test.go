package fifthdialect_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestThePageShowsThisCode keeps docs/fifth-dialect.md true: each of its Go
// blocks stands in this package as it is.
func TestThePageShowsThisCode(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/fifth-dialect.md")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, name := range []string{"cookie.go", "cookie_test.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(text)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) < 5 {
		t.Fatalf("the page has %d blocks of Go code, want 5 at least", len(blocks))
	}
	for _, block := range blocks {
		if !strings.Contains(code.String(), block[1]) {
			t.Errorf("the page shows code that is not in the package:\n%s", block[1])
		}
	}
}
