package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/report"
)

// TestForCI reads what is broken as the tools of a forge do.
func TestForCI(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Requirements[1].Scenarios[1].Error = "expected a refusal, got 200 `<b>`\n::error::100% | own"
	var sarif, quality, annotations, summary bytes.Buffer
	for _, err := range []error{
		r.WriteSARIF(&sarif, "ci/dragoman.yaml"), r.WriteCodeQuality(&quality, "ci/dragoman.yaml"),
		r.WriteAnnotations(&annotations, "ci/dragoman.yaml"), r.WriteSummary(&summary),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var log struct {
		Version string
		Runs    []struct {
			Tool    struct{ Driver struct{ Rules []struct{ ID string } } }
			Results []struct {
				RuleID, Level string
				Locations     []struct{ PhysicalLocation struct{ ArtifactLocation struct{ URI string } } }
			}
		}
	}
	if err := json.Unmarshal(sarif.Bytes(), &log); err != nil || log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) != 2 || len(log.Runs[0].Tool.Driver.Rules) != 2 {
		t.Fatalf("SARIF is %s (%v)", &sarif, err)
	}
	if first := log.Runs[0].Results[0]; first.RuleID != "session/SES-10" || first.Level != "error" || first.Locations[0].PhysicalLocation.ArtifactLocation.URI != "ci/dragoman.yaml" {
		t.Errorf("its first result is %+v", first)
	}
	var entries []struct {
		Fingerprint, Severity string
		Location              struct {
			Path  string
			Lines struct{ Begin int }
		}
	}
	if err := json.Unmarshal(quality.Bytes(), &entries); err != nil || len(entries) != 2 || entries[0].Severity != "major" || entries[1].Severity != "minor" ||
		entries[0].Fingerprint == entries[1].Fingerprint || entries[0].Location.Path != "ci/dragoman.yaml" || entries[0].Location.Lines.Begin != 1 {
		t.Errorf("code quality is %s (%v)", &quality, err)
	}
	lines := strings.Split(strings.TrimSpace(annotations.String()), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "::error file=ci/dragoman.yaml,line=1,title=SES-10 (session)::The row SES-10 holds. Expected a refusal; got 200") || !strings.Contains(lines[0], "100%25") {
		t.Errorf("the annotations are %q", lines)
	}
	if !strings.Contains(summary.String(), "| fail | SES-10 | session |") || strings.Contains(summary.String(), "<b>") || !strings.Contains(summary.String(), `\| own`) {
		t.Errorf("the summary is %s", &summary)
	}
}

// TestOffending finds the exchange that the error quotes, not the last one.
func TestOffending(t *testing.T) {
	t.Parallel()
	s := sample().Requirements[1].Scenarios[1]
	first, second := s.Exchanges[0], s.Exchanges[0]
	first.ResponseBody, second.ResponseBody = `{"a":1}`, `{"b":2}`
	clock := first
	clock.Transport = "clock"
	s.Exchanges = append(s.Exchanges[:0:0], first, second, clock)
	s.Error = `expected a 2xx, got 500 Internal Server Error "{\"a\":1}"`
	if at := s.Offending(); at != 0 {
		t.Errorf("exchange %d is quoted", at)
	}
	s.Error = "expected something else"
	if at := s.Offending(); at != 1 {
		t.Errorf("exchange %d is the last", at)
	}
	if at := (&report.Scenario{}).Offending(); at != -1 {
		t.Errorf("of none it is %d", at)
	}
}
