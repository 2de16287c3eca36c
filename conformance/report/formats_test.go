package report_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	messages "github.com/cucumber/messages/go/v21"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/dragoman-auth/dragoman/conformance/report"
)

// sampleFeatures is the suite that the sample's scenarios stand in.
func sampleFeatures() fstest.MapFS {
	return fstest.MapFS{
		"session/login.feature": {Data: []byte(`@session
Feature: Login

  @SES-01

  Scenario: The right password
    When it is sent
    Then it is accepted



  @SES-10
  Scenario: A wrong password obtains no token
    When it is sent
    Then it is refused
    And nothing follows
`)},
		"form/f.feature": {Data: []byte("@form @FRM-11 Feature: x\nFeature: f\n  Scenario: x\n    When x\n")},
	}
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := sample().WriteJUnit(&out); err != nil {
		t.Fatal(err)
	}
	var root struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Tests int    `xml:"tests,attr"`
			Out   string `xml:"system-out"`
			Cases []struct {
				Properties []struct {
					Name  string `xml:"name,attr"`
					Value string `xml:"value,attr"`
				} `xml:"properties>property"`
				Skipped *struct {
					Message string `xml:"message,attr"`
				} `xml:"skipped"`
				Failure *string `xml:"failure"`
				Error   *string `xml:"error"`
				Out     string  `xml:"system-out"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(out.Bytes(), &root); err != nil {
		t.Fatal(err)
	}
	if root.Tests != 9 || root.Failures != 1 || root.Errors != 3 || root.Skipped != 3 || len(root.Suites) != 3 {
		t.Errorf("the counts are %d tests, %d failures, %d errors, %d skipped in %d suites", root.Tests, root.Failures, root.Errors, root.Skipped, len(root.Suites))
	}
	if last := root.Suites[2]; last.Name != "dragoman.run" || last.Out != "warning: dialects.form.accounts.full: the login is refused: 401 Unauthorized�[31m; correct its name and password\n"+
		"note: clock skew: the subject's Date is 2 hours ahead; set a clock right\n"+
		"fatal: clock: it was not moved; correct the clock section\n" {
		t.Errorf("the findings of %s are\n%s", last.Name, last.Out)
	}
	got := map[string]string{} // id to what it is
	for _, suite := range root.Suites {
		if suite.Tests != len(suite.Cases) {
			t.Errorf("%s has %d tests and says %d", suite.Name, len(suite.Cases), suite.Tests)
		}
		for _, c := range suite.Cases {
			id := ""
			for _, p := range c.Properties {
				if p.Name == "id" {
					id = p.Value
				}
			}
			switch {
			case c.Failure != nil:
				got[id] = "failure " + *c.Failure
			case c.Error != nil:
				got[id] = "error"
			case c.Skipped != nil:
				got[id] = "skipped " + c.Skipped.Message
			default:
				got[id] = "passed " + c.Out
			}
		}
	}
	for id, want := range map[string]string{
		"SES-01": "passed ", "SES-10": "failure   scenario:  A wrong password", "SES-11": "passed warning: ", "SES-07": "skipped not-applicable: the manifest",
		"FRM-09": "skipped untestable: ", "FRM-10": "skipped known-deviation: fixed soon", "FRM-11": "error",
	} {
		if !strings.HasPrefix(got[id], want) {
			t.Errorf("%s is %q, not %q", id, got[id], want)
		}
	}
	if !strings.Contains(got["SES-10"], "curl ") || strings.ContainsRune(out.String(), 0x1b) {
		t.Errorf("the failure shows no way to repeat it, or control characters:\n%s", got["SES-10"])
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	r := sample()
	broken := &r.Requirements[1].Scenarios[1]
	broken.Steps = []report.Step{{Text: "it is sent", Passed: true, Seconds: 1.25}, {Text: "it is refused"}}
	r.Requirements[1].Scenarios[0].Place, r.Requirements[0].Scenarios[0].Place = "session/login.feature:6", "session/login.feature:6"
	r.Requirements[6].Scenarios[0].Place = "form/f.feature:2"
	for _, i := range []int{1, 2, 5} {
		for j := range r.Requirements[i].Scenarios {
			if r.Requirements[i].Scenarios[j].Outcome == report.Failed {
				r.Requirements[i].Scenarios[j].Place = "session/login.feature:13"
			}
		}
	}
	features := sampleFeatures()
	features["form/f.feature"].Data = []byte("Feature: f\n  Scenario: x\n    When x\n")
	var out bytes.Buffer
	if err := r.WriteMessages(&out, features); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	statuses := map[messages.TestStepResultStatus]int{}
	pickles, cases, running := map[string]bool{}, map[string]string{}, map[string]bool{}
	lines := bufio.NewScanner(&out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e messages.Envelope
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&e); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		var one map[string]any
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil || len(one) != 1 {
			t.Errorf("an envelope holds %d messages", len(one))
		}
		for kind := range one {
			kinds[kind]++
		}
		switch {
		case e.Pickle != nil:
			pickles[e.Pickle.Id] = true
		case e.TestCase != nil:
			if !pickles[e.TestCase.PickleId] {
				t.Errorf("a test case has no pickle: %s", lines.Text())
			}
			cases[e.TestCase.Id] = e.TestCase.PickleId
		case e.TestCaseStarted != nil:
			if cases[e.TestCaseStarted.TestCaseId] == "" {
				t.Errorf("what starts is no test case: %s", lines.Text())
			}
			running[e.TestCaseStarted.Id] = true
		case e.TestStepFinished != nil:
			statuses[e.TestStepFinished.TestStepResult.Status]++
			if !running[e.TestStepFinished.TestCaseStartedId] {
				t.Errorf("a step of nothing ends: %s", lines.Text())
			}
		case e.TestCaseFinished != nil:
			delete(running, e.TestCaseFinished.TestCaseStartedId)
		case e.TestRunFinished != nil && e.TestRunFinished.Success:
			t.Error("the run is said to be a success")
		}
	}
	if len(running) > 0 || kinds["meta"] != 1 || kinds["testCase"] != 6 || kinds["testCaseFinished"] != 6 || kinds["testRunFinished"] != 1 || kinds["attachment"] == 0 {
		t.Errorf("the kinds are %v, %d never ended", kinds, len(running))
	}
	want := map[messages.TestStepResultStatus]int{messages.TestStepResultStatus_PASSED: 5, messages.TestStepResultStatus_FAILED: 4, messages.TestStepResultStatus_SKIPPED: 5}
	if fmt.Sprint(statuses) != fmt.Sprint(want) {
		t.Errorf("the steps are %v, not %v", statuses, want)
	}
	if err := r.WriteMessages(io.Discard, fstest.MapFS{}); err == nil {
		t.Error("it writes messages without the suite")
	}
}

// TestMessagesOfSharedScenarios: a scenario of two dialects is a pickle in each,
// with a test case of its own.
func TestMessagesOfSharedScenarios(t *testing.T) {
	t.Parallel()
	features := fstest.MapFS{"security/s.feature": {Data: []byte("@session @form @SEC-01\nFeature: s\n\n  Scenario: x\n    When x\n")}}
	row := func(dialect string, outcome report.Outcome) report.Requirement {
		return report.Requirement{ID: "SEC-01", Dialect: dialect, Scenarios: []report.Scenario{{Name: "x", Place: "security/s.feature:4", Outcome: outcome}}}
	}
	r := &report.Report{Requirements: []report.Requirement{row("session", report.Passed), row("form", report.Failed)}}
	var out bytes.Buffer
	if err := r.WriteMessages(&out, features); err != nil {
		t.Fatal(err)
	}
	tags, steps, started := map[string]string{}, map[string]string{}, map[string]string{} // pickle, step, case to the pickle's tags
	cases, got := map[string]string{}, map[string]messages.TestStepResultStatus{}
	for line := range bytes.Lines(out.Bytes()) {
		var e messages.Envelope
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		switch {
		case e.Pickle != nil:
			var names []string
			for _, tag := range e.Pickle.Tags {
				names = append(names, tag.Name)
			}
			tags[e.Pickle.Id] = strings.Join(names, " ")
			steps[e.Pickle.Steps[0].Id] = tags[e.Pickle.Id]
		case e.TestCase != nil:
			cases[e.TestCase.Id] = tags[e.TestCase.PickleId]
			if steps[e.TestCase.TestSteps[0].PickleStepId] != tags[e.TestCase.PickleId] {
				t.Errorf("the step is another pickle's: %s", line)
			}
		case e.TestCaseStarted != nil:
			started[e.TestCaseStarted.Id] = cases[e.TestCaseStarted.TestCaseId]
		case e.TestStepFinished != nil:
			got[started[e.TestStepFinished.TestCaseStartedId]] = e.TestStepFinished.TestStepResult.Status
		}
	}
	want := map[string]messages.TestStepResultStatus{
		"@session @SEC-01": messages.TestStepResultStatus_PASSED, "@form @SEC-01": messages.TestStepResultStatus_FAILED,
	}
	if len(tags) != 2 || len(steps) != 2 || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%d pickles with %d steps, and %v, not %v", len(tags), len(steps), got, want)
	}
}

// reportSchema is the JSON Schema of reports, ready to validate.
func reportSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("report-1.json", parsed); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("report-1.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// members are those of a report's file.
func members(t *testing.T, file []byte) map[string]any {
	t.Helper()
	value := map[string]any{}
	if err := json.Unmarshal(file, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestSchemaFits(t *testing.T) {
	t.Parallel()
	schema := reportSchema(t)
	valid := func(change func(map[string]any)) error {
		value := members(t, signedSample(t))
		change(value)
		return schema.Validate(value)
	}
	if err := valid(func(map[string]any) {}); err != nil {
		t.Errorf("a report does not fit the schema: %v", err)
	}
	for name, change := range map[string]func(map[string]any){
		"another schema":    func(r map[string]any) { r["schema"] = 2.0 },
		"no conclusion":     func(r map[string]any) { delete(r, "conclusion") },
		"an unknown member": func(r map[string]any) { r["more"] = true },
		"a missing count":   func(r map[string]any) { delete(r["counts"].(map[string]any), "warn") },
		"an odd verdict":    func(r map[string]any) { r["requirements"].([]any)[0].(map[string]any)["verdict"] = "fine" },
		"an odd severity":   func(r map[string]any) { r["findings"].([]any)[0].(map[string]any)["severity"] = "sad" },
		"no fix":            func(r map[string]any) { delete(r["findings"].([]any)[0].(map[string]any), "fix") },
		"a short key":       func(r map[string]any) { r["signature"].(map[string]any)["public_key"] = "00" },
	} {
		if valid(change) == nil {
			t.Errorf("%s fits the schema", name)
		}
	}
}

func TestBadge(t *testing.T) {
	t.Parallel()
	for conclusion, want := range map[report.Conclusion]string{
		report.Conformant: "partly judged 1/6", report.ConformantWithGaps: "conformant with gaps 1/6",
		report.NonConformant: "not conformant 1/6", report.HarnessError: "not judged", report.EnvironmentError: "not judged",
	} {
		r := sample()
		r.Conclusion = conclusion
		var svg, endpoint bytes.Buffer
		if err := r.WriteBadgeSVG(&svg); err != nil {
			t.Fatal(err)
		}
		if err := r.WriteBadgeJSON(&endpoint); err != nil {
			t.Fatal(err)
		}
		var picture struct {
			Title string `xml:"title"`
		}
		if err := xml.Unmarshal(svg.Bytes(), &picture); err != nil || picture.Title != "dragoman: "+want {
			t.Errorf("%s: the picture says %q (%v)", conclusion, picture.Title, err)
		}
		var shield struct {
			SchemaVersion         int
			Label, Message, Color string
			IsError               bool
		}
		if err := json.Unmarshal(endpoint.Bytes(), &shield); err != nil || shield.SchemaVersion != 1 || shield.Message != want || shield.IsError != (want == "not judged") {
			t.Errorf("%s: the endpoint says %+v (%v)", conclusion, shield, err)
		}
	}
}
