package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestAction runs the script of the composite action as a runner does, with a
// server that is right and with one that is not there.
func TestAction(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct {
			Using string
			Steps []struct {
				ID, Run string
				Env     map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	temp, work := filepath.Dir(ownBinary(t)), t.TempDir()
	plain, _, _ := demoServers(t)
	manifests := map[string]string{"right.yaml": plain, "absent.yaml": "http://127.0.0.1:1"}
	for name, url := range manifests {
		content := "subject: {url: '" + url + "'}\ndialects: {form: {accounts: {full: {login: root, password: root}}}}\n"
		if err := os.WriteFile(filepath.Join(work, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]struct {
		code       int
		conclusion string
	}{"right.yaml": {0, "conformant-with-gaps"}, "absent.yaml": {exitEnvironment, "environment-error"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output := filepath.Join(t.TempDir(), "output")
			for _, step := range action.Runs.Steps {
				if step.ID != "verify" {
					continue
				}
				command := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", step.Run)
				command.Dir = work
				command.Env = append(os.Environ(), "RUNNER_TEMP="+temp, "GITHUB_OUTPUT="+output)
				for variable, value := range step.Env {
					input := strings.TrimSuffix(strings.TrimPrefix(value, "${{ inputs."), " }}")
					declared, known := action.Inputs[input]
					if !known {
						t.Errorf("%s is %s, and there is no such input", variable, value)
					}
					set := declared.Default
					switch variable {
					case "MANIFEST":
						set = name
					case "REPORTS":
						set = name + " report"
					}
					command.Env = append(command.Env, variable+"="+set)
				}
				said, _ := command.CombinedOutput()
				if code := command.ProcessState.ExitCode(); code != want.code {
					t.Errorf("exit code %d\n%s", code, said)
				}
			}
			got, err := os.ReadFile(output)
			if err != nil || string(got) != "conclusion="+want.conclusion+"\n" {
				t.Errorf("its output is %q (%v)", got, err)
			}
			for _, file := range []string{"report.json", "report.html", "junit.xml"} {
				if info, err := os.Stat(filepath.Join(work, name+" report", file)); err != nil || info.Size() == 0 {
					t.Errorf("%s is not there (%v)", file, err)
				}
			}
		})
	}
}
