package conformance_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

// TestReferenceConforms judges the reference in this process by the whole
// suite: it passes every row, and nothing is left out.
func TestReferenceConforms(t *testing.T) {
	t.Parallel()
	r, err := conformance.Run(t.Context(), subject.Reference(), conformance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !passesAll(r) {
		var text strings.Builder
		if err := r.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		t.Errorf("the reference does not pass:\n%s", text.String())
	}
}

// passesAll says whether a server passes every row that there is.
func passesAll(r *report.Report) bool {
	return r.Conclusion == report.Conformant && len(r.Requirements) >= 152 && r.Counts[report.Pass] == len(r.Requirements)
}

// testOfAVendor is what a vendor would write.
func testOfAVendor(t *testing.T, url string, strict bool) {
	conformance.Test(t, newManifest(url), conformance.Options{Strict: strict}.JudgedBy(newSuite(
		suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"good", "", "nothing"})},
		suiteRow{"FRM-02", "MUST", "", scenarios(suiteScenario{"bad", "", "GET /a answers 404"})},
		suiteRow{"FRM-03", "SHOULD", "", scenarios(suiteScenario{"poor", "", "GET /a answers 404"})},
		suiteRow{"FRM-04", "MUST", "    needs: [clock]\n", scenarios(suiteScenario{"late", "", "nothing"})},
	), fakeSteps))
}

// TestTest runs a vendor's test in a process of its own, because subtests that
// fail are what is looked at.
func TestTest(t *testing.T) {
	const subjectVariable, strictVariable = "DRAGOMAN_TEST_SUBJECT", "DRAGOMAN_TEST_STRICT"
	if url := os.Getenv(subjectVariable); url != "" {
		testOfAVendor(t, url, os.Getenv(strictVariable) != "")
		return
	}
	t.Parallel()
	for name, c := range map[string]struct {
		strict string
		want   []string
	}{
		"usual": {"", []string{
			"--- PASS: TestTest/form/FRM-01", "--- FAIL: TestTest/form/FRM-02",
			"--- PASS: TestTest/form/FRM-03", "--- SKIP: TestTest/form/FRM-04",
		}},
		"strict": {"yes", []string{
			"--- PASS: TestTest/form/FRM-01", "--- FAIL: TestTest/form/FRM-02",
			"--- FAIL: TestTest/form/FRM-03", "--- FAIL: TestTest/form/FRM-04",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := newServer(t)
			command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTest$", "-test.v")
			command.Env = append(os.Environ(), subjectVariable+"="+url, strictVariable+"="+c.strict)
			out, err := command.CombinedOutput()
			if err == nil {
				t.Error("a broken MUST row does not fail the test")
			}
			for _, want := range append(c.want, "untestable: the subject's time cannot be moved", "expected 404, got 200 with [password-1]", "curl ") {
				if !strings.Contains(string(out), want) {
					t.Errorf("%q is missing:\n%s", want, out)
				}
			}
		})
	}
}
