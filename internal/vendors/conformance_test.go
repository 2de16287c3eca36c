package vendors_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/needs"
)

// lacking are the rows that need what a vendor does not have: rpc-node has no
// accounts with a second factor.
var lacking = map[string]int{"rpc-node": 2}

// TestSuitePassesTheVendors holds the conformance suite to servers that it was
// not written with. They declare every other capability there is and claim to meet
// every row, so anything but a pass is a mistake: theirs, or the suite's.
func TestSuitePassesTheVendors(t *testing.T) {
	t.Parallel()
	for _, v := range vendors {
		t.Run(v.folder, func(t *testing.T) {
			t.Parallel()
			needs.Programs(t, v.command[0])
			m, err := manifest.Load(filepath.Join(examples, v.folder, "dragoman.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			found, err := conformance.Run(t.Context(), m, conformance.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !passes(found, lacking[v.folder]) {
				text := &strings.Builder{}
				found.WriteText(text)
				t.Errorf("%s is not passed in full:\n%s", v.folder, text)
			}
		})
	}
}

func passes(r *report.Report, lacking int) bool {
	return r.Conclusion == report.Conformant && r.Counts[report.NotApplicable] == lacking && r.Counts[report.Pass] == len(r.Requirements)-lacking
}
