package catalogue_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
)

// TestRealSuite accounts for every row and every scenario of the real suite.
func TestRealSuite(t *testing.T) {
	t.Parallel()
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		t.Fatal(err)
	}
	rows, must := map[string]int{}, 0
	for _, r := range suite.Requirements {
		prefix, _, _ := strings.Cut(r.ID, "-")
		rows[prefix]++
		if r.Level == catalogue.Must {
			must++
		}
		if r.Level == catalogue.Must && r.Excluded != "" {
			t.Errorf("%s is a MUST row and excluded", r.ID)
		}
	}
	// What the dialects' definition has; rows may be split, never dropped.
	for prefix, least := range map[string]int{"SES": 26, "FRM": 24, "RPC": 25, "SCP": 33, "SEC": 28} {
		if rows[prefix] < least {
			t.Errorf("%d rows of %s, not %d", rows[prefix], prefix, least)
		}
	}
	if must < 70 {
		t.Errorf("only %d MUST rows", must)
	}
	if len(suite.Digest) != 64 {
		t.Errorf("the digest is %q", suite.Digest)
	}
}

// TestEveryScenarioIsAlone parses what each scenario is run from, as godog
// does, and finds that scenario in it and no other.
func TestEveryScenarioIsAlone(t *testing.T) {
	t.Parallel()
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, r := range suite.Requirements {
		for _, s := range r.Scenarios {
			ids := (&messages.Incrementing{}).NewId
			document, err := gherkin.ParseGherkinDocument(bytes.NewReader(s.Feature()), ids)
			if err != nil {
				t.Fatal(err)
			}
			found := gherkin.Pickles(*document, s.File, ids)
			if len(found) != 1 || found[0].Name != s.Name {
				t.Fatalf("%s:%d %q is not alone", s.File, s.Line, s.Name)
			}
			steps := found[0].Steps
			if len(steps) != len(s.Parts) {
				t.Fatalf("%s:%d %q has %d steps, want %d", s.File, s.Line, s.Name, len(steps), len(s.Parts))
			}
			for i, step := range steps {
				if step.Text != s.Parts[i].Text {
					t.Errorf("%s:%d %q: step %q, want %q", s.File, s.Line, s.Name, step.Text, s.Parts[i].Text)
				}
			}
			checked++
		}
	}
	if checked < 100 {
		t.Errorf("only %d scenarios were checked", checked)
	}
}

const (
	goodRequirements = `dialect: form
requirements:
  - id: FRM-01
    level: MUST
    basis: doc+vendor
    needs: [clock]
    statement: >
      A statement
      of two lines.
    scenarios: 3
  - id: SEC-01
    level: SHOULD
    basis: std
    source: RFC 1
    statement: b
    excluded: nobody sees it
`
	goodFeature = `@form
Feature: f

  @FRM-01 @flood @clock
  Scenario: plain
    Given a

  Rule: r
    Scenario Outline: over <transport>
      Given <transport>

      @FRM-01
      Examples:
        | transport |
        | http      |
        | grpc      |
`
)

func suiteOf(requirements, feature string) fstest.MapFS {
	return fstest.MapFS{
		"form/requirements.yaml": {Data: []byte(requirements)},
		"form/f.feature":         {Data: []byte(feature)},
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	suite, err := catalogue.Load(suiteOf(goodRequirements, goodFeature))
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(suite.IDs()) != "[FRM-01 SEC-01]" {
		t.Errorf("the ids are %v", suite.IDs())
	}
	r := suite.Requirements[0]
	if r.Statement != "A statement of two lines." || r.Level != catalogue.Must || r.Dialect != "form" || suite.Requirements[1].Source != "RFC 1" {
		t.Errorf("read %+v", r)
	}
	var got []string
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		got = append(got, fmt.Sprintf("%s:%d %s phase %d needs %v", s.File, s.Line, s.Name, s.Phase, r.AllNeeds(s)))
	}
	want := []string{
		"form/f.feature:5 plain phase 3 needs [clock]",
		"form/f.feature:9 over http phase 0 needs [clock]",
		"form/f.feature:9 over grpc phase 0 needs [clock]",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if content := string(r.Scenarios[2].Feature()); strings.Contains(content, "http") || !strings.Contains(content, "grpc") {
		t.Errorf("the last scenario is run from:\n%s", content)
	}
}

const (
	sharedRequirements = `requirements:
  - id: SEC-02
    level: SHOULD
    basis: ours
    statement: s
    dialects: {form: 2, rpc: 1}
`
	sharedFeature = `Feature: s

  @form @rpc @SEC-02
  Scenario: of both
    Given a

  @form @SEC-02
  Scenario: of one
    Given a
`
	otherRequirements = `dialect: rpc
requirements:
  - id: RPC-01
    level: MUST
    basis: doc
    statement: o
    excluded: x
`
)

// sharingSuite has two dialects and a row of both.
func sharingSuite(requirements, feature string) fstest.MapFS {
	suite := suiteOf(goodRequirements, goodFeature)
	suite["rpc/requirements.yaml"] = &fstest.MapFile{Data: []byte(otherRequirements)}
	suite["security/requirements.yaml"] = &fstest.MapFile{Data: []byte(requirements)}
	suite["security/s.feature"] = &fstest.MapFile{Data: []byte(feature)}
	return suite
}

// TestSharedRows: a row of several dialects stands once, and is a requirement of
// each, behind those of its own, with the scenarios that are tagged with it.
func TestSharedRows(t *testing.T) {
	t.Parallel()
	suite, err := catalogue.Load(sharingSuite(sharedRequirements, sharedFeature))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range suite.Requirements {
		var names []string
		for _, s := range r.Scenarios {
			names = append(names, s.Name)
		}
		got = append(got, r.Dialect+" "+r.ID+" "+strings.Join(names, ", "))
	}
	want := []string{"form FRM-01 plain, over http, over grpc", "form SEC-01 ", "form SEC-02 of both, of one", "rpc RPC-01 ", "rpc SEC-02 of both"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	swap := func(from, to string) fstest.MapFS {
		return sharingSuite(strings.Replace(sharedRequirements, from, to, 1), strings.Replace(sharedFeature, from, to, 1))
	}
	for name, test := range map[string]struct {
		suite   fs.FS
		problem string
	}{
		"a lost tag of a dialect": {swap("@form @rpc", "@form"), "rpc: SEC-02 says that 1 scenarios judge it, and 0 are tagged @SEC-02"},
		"a lost scenario":         {swap("@form @SEC-02", "@rpc @SEC-02"), "form: SEC-02 says that 2 scenarios judge it, and 1 are tagged @SEC-02"},
		"a dialect without row":   {swap("form: 2, rpc: 1", "form: 2"), "rpc: security/s.feature:4 is tagged @SEC-02, which is no requirement"},
		"a scenario of nobody":    {swap("@form @rpc ", ""), `security/s.feature:4: "of both" lacks the tag of a dialect`},
		"one count for all":       {swap("dialects: {form: 2, rpc: 1}", "scenarios: 2"), "security/requirements.yaml: SEC-02 has to count its scenarios in dialects"},
		"no dialect":              {swap("form: 2", "farm: 2"), `SEC-02 names "farm", which is no dialect`},
		"a dialect of its own":    {swap("requirements:", "dialect: form\nrequirements:"), `security/requirements.yaml: dialect is "form"`},
		"a title of a dialect":    {swap("Scenario: of both", "Scenario: plain"), `form/f.feature:5 and security/s.feature:4 have the same name, "plain"`},
		"a row of a dialect":      {swap("id: SEC-02", "id: FRM-01"), "form: FRM-01 stands in its own folder and among the shared rows"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := catalogue.Load(test.suite); err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("says  %v\nwants %s", err, test.problem)
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	swap := func(from, to string) fstest.MapFS {
		requirements, feature := strings.Replace(goodRequirements, from, to, 1), strings.Replace(goodFeature, from, to, 1)
		if requirements == goodRequirements && feature == goodFeature {
			t.Fatalf("%q is nowhere", from)
		}
		return suiteOf(requirements, feature)
	}
	tests := map[string]struct {
		suite   fs.FS
		problem string
	}{
		"no rows":             {fstest.MapFS{}, "the suite has no requirements"},
		"no requirements":     {fstest.MapFS{"form/f.feature": {Data: []byte(goodFeature)}}, "form/requirements.yaml: file does not exist"},
		"an unknown key":      {swap("basis: std", "basis: std\n    bases: x"), `unknown field "bases"`},
		"another dialect":     {swap("dialect: form", "dialect: rpc"), `dialect is "rpc"`},
		"a row twice":         {swap("id: SEC-01", "id: FRM-01"), "FRM-01 stands twice"},
		"no id":               {swap("id: SEC-01", "id: security"), "security is no requirement id"},
		"no level":            {swap("level: MUST", "level: MAY"), `FRM-01 has level "MAY", neither MUST nor SHOULD`},
		"no basis":            {swap("basis: std", "basis: rumour"), `SEC-01 has basis "rumour"`},
		"no statement":        {swap("statement: b", "statement: ''"), "SEC-01 has no statement"},
		"no judge":            {swap("    excluded: nobody sees it\n", ""), "SEC-01 needs either scenarios or a reason in excluded"},
		"judged and excluded": {swap("    scenarios:", "    excluded: x\n    scenarios:"), "FRM-01 needs either scenarios or a reason in excluded"},
		"an unknown need":     {swap("[clock]", "[clocks]"), `FRM-01 needs "clocks", which is no capability`},
		"a missing scenario":  {swap("@FRM-01 @flood", "@FRM-02 @flood"), `FRM-01 says that 3 scenarios judge it, and 2 are tagged @FRM-01`},
		"a missing example":   {swap("        | grpc      |\n", ""), `FRM-01 says that 3 scenarios judge it, and 2 are tagged @FRM-01`},
		"an uncounted one":    {swap("scenarios: 3", "scenarios: 2"), `FRM-01 says that 2 scenarios judge it, and 3 are tagged @FRM-01`},
		"a count by dialect":  {swap("scenarios: 3", "dialects: {form: 3}"), `FRM-01 has to count its scenarios in scenarios`},
		"a title twice":       {swap("Outline: over <transport>", "Outline: plain"), `form/f.feature:5 and form/f.feature:9 have the same name, "plain"`},
		"a tag without row":   {swap("@FRM-01 @flood", "@FRM-02 @flood"), "form/f.feature:5 is tagged @FRM-02, which is no requirement"},
		"an unknown tag":      {swap("@flood", "@floods"), `form/f.feature:5: "plain" has the unknown tag @floods`},
		"an unknown need tag": {swap("@flood", "@needs:luck"), `form/f.feature:5: "plain" has the unknown tag @needs:luck`},
		"another's tag":       {swap("@flood", "@rpc"), `form/f.feature:5: "plain" has the unknown tag @rpc`},
		"no row":              {swap("@FRM-01 @flood", "@flood"), `"plain" has to judge exactly one requirement, not 0 []`},
		"two rows":            {swap("@flood", "@SEC-01"), `"plain" has to judge exactly one requirement, not 2 [FRM-01 SEC-01]`},
		"no dialect":          {swap("@form\n", ""), `"plain" lacks the tag of a dialect`},
		"no steps":            {swap("    Given a\n", ""), `"plain" has no steps`},
		"a step with a table": {swap("    Given a\n", "    Given a\n      | b |\n"), `"plain" has a step with a table or a text below it, which no step reads`},
		"a line break":        {swap("| grpc ", `| g\nrpc `), "has an example with a line break, which no step reads"},
		"a step with a text":  {swap("    Given a\n", "    Given a\n      \"\"\"\n      b\n      \"\"\"\n"), `"plain" has a step with a table or a text below it`},
		"no Gherkin":          {swap("Feature: f", "Featur: f"), "form/f.feature: "},
		"an empty feature":    {suiteOf(goodRequirements, "# nothing\n"), "form/f.feature: no feature in it"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := catalogue.Load(test.suite); err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("says  %v\nwants %s", err, test.problem)
			}
		})
	}
}

// TestDigest changes with every file, its name and its content.
func TestDigest(t *testing.T) {
	t.Parallel()
	digest := func(change func(fstest.MapFS)) string {
		suite := suiteOf(goodRequirements, goodFeature)
		change(suite)
		loaded, err := catalogue.Load(suite)
		if err != nil {
			t.Fatal(err)
		}
		return loaded.Digest
	}
	digests := map[string]bool{
		digest(func(fstest.MapFS) {}): true,
		digest(func(s fstest.MapFS) { s["form/f.feature"].Data = append([]byte("# c\n"), s["form/f.feature"].Data...) }): true,
		digest(func(s fstest.MapFS) { s["form/g.feature"] = s["form/f.feature"]; delete(s, "form/f.feature") }):          true,
		digest(func(s fstest.MapFS) { s["form/notes.txt"] = &fstest.MapFile{} }):                                         true,
	}
	if len(digests) != 4 {
		t.Errorf("%d digests of four suites: %v", len(digests), digests)
	}
	again := digest(func(fstest.MapFS) {})
	if !digests[again] {
		t.Error("the same suite has two digests")
	}
}

// TestCapabilitiesAreUsed keeps the capabilities and what features need
// in step.
func TestCapabilitiesAreUsed(t *testing.T) {
	t.Parallel()
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		t.Fatal(err)
	}
	needed := map[manifest.Capability]bool{}
	for i := range suite.Requirements {
		r := &suite.Requirements[i]
		for j := range r.Scenarios {
			for _, need := range r.AllNeeds(&r.Scenarios[j]) {
				needed[need] = true
			}
		}
	}
	source, err := os.ReadFile(filepath.Join("..", "..", "..", "conformance", "manifest", "capability.go"))
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`Capability += "([a-z0-9_]+)"`).FindAllSubmatch(source, -1)
	for _, match := range declared {
		if !needed[manifest.Capability(match[1])] {
			t.Errorf("nothing needs the capability %s", match[1])
		}
	}
	if len(declared) < 10 {
		t.Errorf("found only %d capabilities", len(declared))
	}
}
