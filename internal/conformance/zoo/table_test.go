package zoo_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo"
)

var update = flag.Bool("update", false, "write docs/kill-matrix.md anew")

const published = "../../../docs/kill-matrix.md"

// TestTableIsPublished compares the published matrix with the zoo.
func TestTableIsPublished(t *testing.T) {
	t.Parallel()
	var made bytes.Buffer
	if err := zoo.WriteTable(&made); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(published, made.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stands, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stands, made.Bytes()) {
		t.Error("docs/kill-matrix.md is out of date: run go test ./internal/conformance/zoo -run TestTable -update")
	}
}
