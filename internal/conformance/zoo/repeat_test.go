package zoo

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// TestDifferences: whatever a second report says otherwise is told, and what both say is
// not.
func TestDifferences(t *testing.T) {
	t.Parallel()
	row := func(dialect, id string, v report.Verdict) report.Requirement {
		return report.Requirement{Dialect: dialect, ID: id, Verdict: v, Reason: "so it is"}
	}
	rows := func(rows ...report.Requirement) *report.Report { return &report.Report{Requirements: rows} }
	first := rows(row("form", "SEC-01", report.Pass), row("rpc", "SEC-01", report.Fail))
	for name, test := range map[string]struct {
		again *report.Report
		want  string
	}{
		"the same":        {rows(row("form", "SEC-01", report.Pass), row("rpc", "SEC-01", report.Fail)), ""},
		"in other order":  {rows(row("rpc", "SEC-01", report.Fail), row("form", "SEC-01", report.Pass)), ""},
		"another verdict": {rows(row("form", "SEC-01", report.Pass), row("rpc", "SEC-01", report.Untestable)), "SEC-01 of rpc was fail, and is untestable: so it is"},
		"one row less":    {rows(row("form", "SEC-01", report.Pass)), "2 requirements were judged, and 1 are"},
	} {
		err := errors.Join(differences(first, test.again)...)
		if got := errorText(err); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestAServerByChance: a server that is right in one run and wrong in the next is told,
// with what makes the run again.
func TestAServerByChance(t *testing.T) {
	t.Parallel()
	draw := rand.New(rand.NewPCG(1, 2))
	e := different(KindVariant, mutation.Variant{Name: "by chance", Dialects: []string{"form"}, Change: func(s *mutation.Server) {
		if wrong := draw.IntN(2) == 0; wrong {
			s.OnAnswer(mutation.At("POST", "/login"), func(a *mutation.Reply) { a.Status = http.StatusTeapot })
		}
	}})
	f := e.repeated(t.Context(), 6)
	if f.Err == nil || !strings.Contains(f.Err.Error(), "by chance, shuffled by seed ") {
		t.Errorf("got %v", f.Err)
	}
}

// TestARepetitionThatIsCutOff is an error: the verdicts are compared no more.
func TestARepetitionThatIsCutOff(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	e := different(KindVariant, mutation.Variant{Name: "cut off", Dialects: []string{"form"}, Change: func(*mutation.Server) {}})
	e.check = func(*report.Report) error {
		cancel()
		return nil
	}
	if f := e.repeated(ctx, 5); !errors.Is(f.Err, context.Canceled) {
		t.Errorf("got %v", f.Err)
	}
}
