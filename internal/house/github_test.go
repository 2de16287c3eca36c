package house_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// readYAML reads a file whole: a key that the type does not have is an error.
func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalWithOptions(text, into, yaml.Strict()); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// step is one of a workflow, or of a composite action.
type step struct {
	Name, ID, Uses, Run, Shell, If string
	With, Env                      map[string]any
}

// pinned is an action of a major version, which gets its corrections by itself.
var pinned = regexp.MustCompile(`^[\w-]+/[\w-]+@v\d+$`)

// TestWorkflow: CI runs .ci/run, with the right to read alone, and ends.
func TestWorkflow(t *testing.T) {
	atRoot(t)
	t.Parallel()
	var workflow struct {
		Name        string
		On          map[string]any
		Permissions map[string]string
		Concurrency struct {
			Group  string
			Cancel any `yaml:"cancel-in-progress"`
		}
		Jobs map[string]struct {
			RunsOn  string `yaml:"runs-on"`
			Minutes int    `yaml:"timeout-minutes"`
			Steps   []step
		}
	}
	readYAML(t, ".github/workflows/ci.yml", &workflow)
	if len(workflow.Permissions) != 1 || workflow.Permissions["contents"] != "read" {
		t.Errorf("its permissions are %v", workflow.Permissions)
	}
	if workflow.Concurrency.Group == "" {
		t.Error("runs of the same branch go on beside each other")
	}
	for _, event := range []string{"push", "pull_request"} {
		if _, on := workflow.On[event]; !on {
			t.Errorf("it does not run on %s", event)
		}
	}
	runs := 0
	for name, job := range workflow.Jobs {
		if job.Minutes < 1 || job.Minutes > 25 || job.RunsOn == "" {
			t.Errorf("the job %s runs on %q for %d minutes", name, job.RunsOn, job.Minutes)
		}
		for _, step := range job.Steps {
			if step.Uses != "" && !pinned.MatchString(step.Uses) {
				t.Errorf("%s is not pinned by its major version", step.Uses)
			}
			if step.Run == ".ci/run" {
				runs++
			}
			if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["fetch-depth"] != uint64(0) {
				t.Error("the checkout has no tags: make api would compare with nothing")
			}
		}
	}
	if runs != 1 {
		t.Errorf(".ci/run runs %d times", runs)
	}
}

// TestDependabot watches all that the repository depends on.
func TestDependabot(t *testing.T) {
	atRoot(t)
	t.Parallel()
	var file struct {
		Version int
		Updates []struct {
			Ecosystem string `yaml:"package-ecosystem"`
			Directory string
			Schedule  struct{ Interval string }
			Groups    map[string]struct{ Patterns []string }
		}
	}
	readYAML(t, ".github/dependabot.yml", &file)
	var watched []string
	for _, update := range file.Updates {
		watched = append(watched, update.Ecosystem+" in "+update.Directory)
		if !slices.Contains([]string{"daily", "weekly", "monthly"}, update.Schedule.Interval) {
			t.Errorf("%+v", update)
		}
	}
	if want := []string{"gomod in /", "gomod in /.ci/gotools", "github-actions in /", "docker in /"}; file.Version != 2 || !slices.Equal(watched, want) {
		t.Errorf("version %d watches %v, want version 2 and %v", file.Version, watched, want)
	}
}

// TestIssueForms holds what GitHub wants of a form, and what each has to ask for.
func TestIssueForms(t *testing.T) {
	atRoot(t)
	t.Parallel()
	required := map[string][]string{
		"sdk-bug": {"version", "happened"}, "wrong-verdict": {"row", "manifest", "report"}, "dialect-fact": {"fact", "source"},
	}
	for name, wanted := range required {
		var form struct {
			Name, Description string
			Labels            []string
			Body              []struct {
				Type, ID   string
				Attributes struct {
					Label, Description, Placeholder, Render, Value string
					Options                                        []string
				}
				Validations struct{ Required bool }
			}
		}
		readYAML(t, ".github/ISSUE_TEMPLATE/"+name+".yml", &form)
		if form.Name == "" || form.Description == "" || len(form.Labels) == 0 {
			t.Errorf("%s has the name %q, the description %q and the labels %v", name, form.Name, form.Description, form.Labels)
		}
		var asked, ids []string
		for _, part := range form.Body {
			has := part.Attributes
			switch part.Type {
			case "markdown":
				if has.Value == "" || part.ID != "" || part.Validations.Required {
					t.Errorf("%s: the text is %+v", name, part)
				}
				continue
			case "dropdown":
				if len(has.Options) < 2 || len(slices.Compact(slices.Sorted(slices.Values(has.Options)))) != len(has.Options) {
					t.Errorf("%s: %s has the options %v", name, part.ID, has.Options)
				}
			case "input", "textarea":
			default:
				t.Errorf("%s: there are no parts of the type %q", name, part.Type)
			}
			if has.Label == "" || part.ID == "" || slices.Contains(ids, part.ID) {
				t.Errorf("%s: a part lacks its label or an id of its own: %+v", name, part)
			}
			ids = append(ids, part.ID)
			if part.Validations.Required {
				asked = append(asked, part.ID)
			}
		}
		for _, id := range wanted {
			if !slices.Contains(asked, id) {
				t.Errorf("%s does not ask for the %s", name, id)
			}
		}
	}
	forms, err := filepath.Glob(".github/ISSUE_TEMPLATE/*.yml")
	if err != nil || len(forms) != len(required)+1 { // and config.yml
		t.Errorf("there are %v (%v)", forms, err)
	}
	var config struct {
		Blank    bool                                `yaml:"blank_issues_enabled"`
		Contacts []struct{ Name, URL, About string } `yaml:"contact_links"`
	}
	readYAML(t, ".github/ISSUE_TEMPLATE/config.yml", &config)
	if len(config.Contacts) != 1 || !strings.HasPrefix(config.Contacts[0].URL, "https://") {
		t.Errorf("contacts are %+v", config.Contacts)
	}
	if text := read(t, ".github/PULL_REQUEST_TEMPLATE.md"); !strings.Contains(text, "make lint") {
		t.Errorf("the template of changes says\n%s", text)
	}
}
