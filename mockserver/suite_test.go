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
// client that is right with the mock is right with the dialects.
func TestSuitePassesTheMock(t *testing.T) {
	t.Parallel()
	const below = "/back/office"
	options := []mockserver.Option{mockserver.WithClockControl()}
	for _, dialect := range []string{"session", "form", "rpc", "scoped"} {
		options = append(options, mockserver.WithPrefix(dialect, below))
	}
	found := judgeMock(t, mockserver.New(t, options...), below, conformance.Options{})
	if failed := found.Counts[report.Fail] + found.Counts[report.Warn] + found.Counts[report.Untestable]; found.Conclusion != report.Conformant || failed != 0 {
		var text strings.Builder
		found.WriteText(&text)
		t.Errorf("%s, want %s\n%s", found.Conclusion, report.Conformant, text.String())
	}
}

// TestSuiteFailsAMockWithAFault: a fault of logins fails, in each dialect, the row that a
// login answers what it has to.
func TestSuiteFailsAMockWithAFault(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithClockControl())
	inject(t, mock, mockserver.Fault{Effect: mockserver.ContentType, Operation: mockserver.Login})
	rows := []string{"SES-01", "FRM-01", "RPC-01", "SCP-01"}
	found := judgeMock(t, mock, "", conformance.Options{Only: rows})
	if found.Conclusion != report.NonConformant || found.Counts[report.Fail] != len(rows) {
		var text strings.Builder
		found.WriteText(&text)
		t.Errorf("%s, want %s by %v\n%s", found.Conclusion, report.NonConformant, rows, text.String())
	}
}

// judgeMock judges a mock whose dialects are below a path.
func judgeMock(t *testing.T, mock *mockserver.Server, below string, o conformance.Options) *report.Report {
	t.Helper()
	m, err := manifest.Load("../internal/conformance/subject/reference.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m.Subject = manifest.Subject{URL: mock.URL + below, GRPC: mock.GRPCAddr}
	found, err := conformance.Run(t.Context(), m, o)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
