package house_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/pages"
)

// Every fenced block of every page is checked, by its language:
//
//	go       compiled (TestGoBlocks)
//	console  read as a shell does; programs, files and folders are there (TestConsoleBlocks);
//	         commands of dragoman have these flags and arguments (cmd/dragoman/readme_test.go)
//	yaml     a manifest, a workflow, or settings of serve and a pipeline (cmd/dragoman/readme_test.go)
//	json     parsed, "..." standing for what was left out
//
// A block of another language, and one that none of these can check, is named in
// unchecked with the reason. The transcripts of the quick starts are also compared with
// what they print (TestTranscripts).

// unchecked are the blocks that no check reads: how many of them a page has.
var unchecked = []struct {
	page, language string
	count          int
	reason         string
}{
	{"ARCHITECTURE.md", "text", 3, "pictures: the house, its folders, the way of a request"},
	{"README.md", "text", 1, "a picture: who talks to whom"},
	{"docs/fifth-dialect.md", "go", 8, "they stand in examples/internal/fifthdialect, whose page_test.go compares them"},
}

// exempt says whether unchecked names a block.
func exempt(block pages.Block) bool {
	for _, u := range unchecked {
		if u.page == block.Page && u.language == block.Language {
			return true
		}
	}
	return false
}

// allPages are the pages of the repository.
func allPages(t *testing.T) []pages.Page {
	t.Helper()
	all, err := pages.Read(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 15 {
		t.Fatalf("only %d pages: the tests would check almost nothing", len(all))
	}
	return all
}

// blocksOf are the blocks of one language that unchecked does not name.
func blocksOf(t *testing.T, language string) []pages.Block {
	t.Helper()
	found := slices.DeleteFunc(pages.BlocksIn(allPages(t), language), exempt)
	if len(found) == 0 {
		t.Fatalf("no page has a block of %s", language)
	}
	return found
}

// TestEveryBlockIsChecked: each block has a language with a check, or stands in
// unchecked; code is fenced, so that no block goes unseen.
func TestEveryBlockIsChecked(t *testing.T) {
	atRoot(t)
	t.Parallel()
	seen := map[string]int{}
	for _, page := range allPages(t) {
		for _, block := range page.Blocks() {
			if exempt(block) {
				seen[block.Page+" "+block.Language]++
			} else if !slices.Contains([]string{"go", "console", "yaml", "json"}, block.Language) {
				t.Errorf("%s:%d: no check reads blocks of %q: choose another language, or name it in unchecked with the reason", block.Page, block.Line, block.Language)
			}
		}
		for number, line := range strings.Split(page.Prose(), "\n") {
			if strings.HasPrefix(line, "    ") && !strings.HasPrefix(strings.TrimSpace(line), "-") {
				t.Errorf("%s:%d: code is fenced, so that it is checked: %s", page.Path, number+1, line)
			}
		}
	}
	for _, u := range unchecked {
		if u.reason == "" || seen[u.page+" "+u.language] != u.count {
			t.Errorf("%s has %d blocks of %s that are not checked, and not %d (%s)", u.page, seen[u.page+" "+u.language], u.language, u.count, u.reason)
		}
	}
}

// TestJSONBlocks: each is JSON, with "..." for what was left out.
func TestJSONBlocks(t *testing.T) {
	atRoot(t)
	t.Parallel()
	for _, block := range blocksOf(t, "json") {
		if !json.Valid([]byte(block.Text)) {
			t.Errorf("%s:%d: this is no JSON:\n%s", block.Page, block.Line, block.Text)
		}
	}
}

// TestYAMLBlocks reads each block as the program does that it is for.
func TestYAMLBlocks(t *testing.T) {
	atRoot(t)
	t.Parallel()
	for _, block := range blocksOf(t, "yaml") {
		var keys map[string]any
		if err := yaml.Unmarshal([]byte(block.Text), &keys); err != nil {
			t.Errorf("%s:%d: %v", block.Page, block.Line, err)
			continue
		}
		switch {
		case keys["subject"] != nil:
			secret := func(string) (string, bool) { return "secret", true }
			if _, err := manifest.Parse(block.Page, []byte(block.Text), secret); err != nil {
				t.Errorf("%s:%d: %v", block.Page, block.Line, err)
			}
		case keys["jobs"] != nil:
			checkWorkflow(t, block)
		case strings.HasPrefix(block.Text, "# serve.yaml\n"): // cmd/dragoman reads it as serve does
		case strings.HasPrefix(block.Text, "# .gitlab-ci.yml\n"): // and its commands, as dragoman does
		default:
			t.Errorf("%s:%d: no manifest, no workflow, no serve.yaml, no .gitlab-ci.yml: nothing checks it", block.Page, block.Line)
		}
	}
}

// checkWorkflow: the inputs that a workflow hands to our action are ones.
func checkWorkflow(t *testing.T, block pages.Block) {
	t.Helper()
	var action struct{ Inputs map[string]any }
	if err := yaml.Unmarshal([]byte(read(t, "action.yml")), &action); err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Uses string
				With map[string]any
			}
		}
	}
	if err := yaml.Unmarshal([]byte(block.Text), &workflow); err != nil {
		t.Errorf("%s:%d: %v", block.Page, block.Line, err)
	}
	ours := 0
	for name, job := range workflow.Jobs {
		for _, step := range job.Steps {
			if !strings.HasPrefix(step.Uses, "dragoman-auth/dragoman@") {
				continue
			}
			ours++
			for input := range step.With {
				if _, found := action.Inputs[input]; !found {
					t.Errorf("%s:%d: job %s: action.yml has no input %s", block.Page, block.Line, name, input)
				}
			}
		}
	}
	if ours == 0 {
		t.Errorf("%s:%d: the workflow does not use action.yml", block.Page, block.Line)
	}
}
