//go:build !race

package mockserver_test

import (
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/mockserver"
)

// TestSuitePassesTheMock judges a mock by the suite, as it judges the reference: a
// client that is right with the mock is right with the dialects. A fault makes it
// fail.
func TestSuitePassesTheMock(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*mockserver.Fault{"right, below a prefix": nil, "with a fault": {Effect: mockserver.ContentType, Operation: mockserver.Login}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options, below := []mockserver.Option{mockserver.WithClockControl()}, ""
			if fault == nil {
				below = "/back/office"
				for _, dialect := range []string{"session", "form", "rpc", "scoped"} {
					options = append(options, mockserver.WithPrefix(dialect, below))
				}
			}
			mock := mockserver.New(t, options...)
			if fault != nil {
				inject(t, mock, *fault)
			}
			m, err := manifest.Load("../internal/conformance/subject/reference.yaml")
			if err != nil {
				t.Fatal(err)
			}
			m.Subject = manifest.Subject{URL: mock.URL + below, GRPC: mock.GRPCAddr}
			found, err := conformance.Run(t.Context(), m, conformance.Options{})
			if err != nil {
				t.Fatal(err)
			}
			want := report.Conformant
			if fault != nil {
				want = report.NonConformant
			}
			if failed := found.Counts[report.Fail] + found.Counts[report.Warn] + found.Counts[report.Untestable]; found.Conclusion != want || (failed == 0) != (fault == nil) {
				var text strings.Builder
				found.WriteText(&text)
				t.Errorf("%s, want %s\n%s", found.Conclusion, want, text.String())
			}
		})
	}
}
