package catalogue_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"slices"
	"testing"

	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
)

// TestFrozenSetsStayFrozen: whoever was judged by a version is judged by the
// same rows for ever.
func TestFrozenSetsStayFrozen(t *testing.T) {
	t.Parallel()
	frozen := map[string]string{
		"requirements-1.0.yaml": "51313467bae6c7c1c4600e4942da9fd2d17cbf8661a6695665b9e56291b9fe34",
		"requirements-1.1.yaml": "438dde367ff9752e5bb9b6c287578745a295f9c4a28ae688bb539ac14532188b",
	}
	names, err := fs.Glob(features.FS, "requirements-*.yaml")
	if err != nil || len(names) != len(frozen) {
		t.Fatalf("the frozen sets are %v (%v)", names, err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(features.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != frozen[name] {
			t.Errorf("%s was changed: put new rows into the file of a new version", name)
		}
	}
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		t.Fatal(err)
	}
	contains, known := suite.Frozen("1.0")
	if !known || !slices.Equal(suite.Versions(), []string{"1.0", "1.1"}) || !contains("session", "SES-01") || contains("form", "SES-01") {
		t.Errorf("the set 1.0 is not as in its file; versions %v", suite.Versions())
	}
}
