package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/dragoman-auth/dragoman/internal/needs"
	"github.com/dragoman-auth/dragoman/internal/release/pack"
	"github.com/dragoman-auth/dragoman/internal/release/sums"
)

// compositeAction is what the tests need to know of action.yml.
type compositeAction struct {
	Inputs map[string]struct{ Default string }
	Runs   struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	ID, If, Run, Uses string
	Env               map[string]string
}

func readAction(t *testing.T) (action compositeAction) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	return action
}

// step is the one with an id.
func (a compositeAction) step(t *testing.T, id string) actionStep {
	t.Helper()
	at := slices.IndexFunc(a.Runs.Steps, func(s actionStep) bool { return s.ID == id })
	if at < 0 {
		t.Fatalf("the action has no step %s", id)
	}
	return a.Runs.Steps[at]
}

// TestActionWantsAVersionWithAKey: a key that nothing is checked by is an error.
func TestActionWantsAVersionWithAKey(t *testing.T) {
	t.Parallel()
	needs.Programs(t, "bash")
	step := readAction(t).step(t, "inputs")
	if step.If != "inputs.key != '' && inputs.version == ''" {
		t.Errorf("it runs if %q", step.If)
	}
	out, err := exec.CommandContext(t.Context(), "bash", "-c", step.Run).CombinedOutput()
	if err == nil || !strings.HasPrefix(string(out), "::error::key needs version") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestActionTakesARelease runs the step that takes a released program. What is not
// proven to be of the release is not taken.
func TestActionTakesARelease(t *testing.T) {
	t.Parallel()
	needs.Programs(t, "bash", "curl", "openssl", "tar")
	action := readAction(t)
	step := action.step(t, "released")
	for variable, want := range map[string]string{"VERSION": "${{ inputs.version }}", "KEY": "${{ inputs.key }}"} {
		if step.Env[variable] != want {
			t.Errorf("%s is %q, want %q", variable, step.Env[variable], want)
		}
	}
	if _, known := action.Inputs["key"]; !known || action.Inputs["version"].Default != "" {
		t.Error("without inputs it does not build from source")
	}
	for _, other := range action.Runs.Steps {
		builds := strings.Contains(other.Run, "go build") || strings.HasPrefix(other.Uses, "actions/setup-go@")
		if builds && other.If != "inputs.version == ''" || other.ID == "released" && other.If != "inputs.version != ''" {
			t.Errorf("the step %s%s runs if %q", other.ID, other.Uses, other.If)
		}
	}
	releases := t.TempDir()
	folder := filepath.Join(releases, "v1.2.3")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	archive := func(system string, changed int64) {
		var packed bytes.Buffer
		name := "dragoman_1.2.3_" + system
		err := pack.TarGz(&packed, time.Unix(changed, 0), []pack.File{{Name: name + "/dragoman", Content: []byte("#!/bin/sh\necho released\n"), Mode: 0o755}})
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name+".tar.gz"), packed.Bytes(), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	archive("linux_amd64", 1)
	archive("darwin_arm64", 1)
	keys := t.TempDir()
	if err := sums.Write(folder, newKeys(t, filepath.Join(keys, "key.pub"))); err != nil {
		t.Fatal(err)
	}
	newKeys(t, filepath.Join(keys, "other.pub"))
	archive("linux_arm64", 1)  // after the list
	archive("darwin_arm64", 2) // other bytes that can be unpacked as well
	server := httptest.NewServer(http.FileServer(http.Dir(releases)))
	t.Cleanup(server.Close)
	for name, row := range map[string]struct{ version, os, arch, key, fails string }{
		"without a key":    {"v1.2.3", "Linux", "X64", "", ""},
		"with the key":     {"v1.2.3", "Linux", "X64", "key.pub", ""},
		"another key":      {"v1.2.3", "Linux", "X64", "other.pub", "is not signed by"},
		"a changed file":   {"v1.2.3", "macOS", "ARM64", "", "its digest is another"},
		"not in the list":  {"v1.2.3", "Linux", "ARM64", "", "does not name dragoman_1.2.3_linux_arm64.tar.gz"},
		"no such release":  {"v9.9.9", "Linux", "X64", "", "the release v9.9.9 has no SHA256SUMS"},
		"another system":   {"v1.2.3", "Plan9", "X64", "", "no release is for Plan9"},
		"no version":       {"v1.2.3/../..", "Linux", "X64", "", "version is no release"},
		"no file for this": {"v1.2.3", "Windows", "X64", "", "has no dragoman_1.2.3_windows_amd64.zip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			temp, key := t.TempDir(), row.key
			if key != "" {
				key = filepath.Join(keys, key)
			}
			command := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", strings.ReplaceAll(step.Run, " --retry 3", ""))
			command.Env = append(os.Environ(), "RUNNER_TEMP="+temp, "RUNNER_OS="+row.os, "RUNNER_ARCH="+row.arch, "VERSION="+row.version, "KEY="+key, "RELEASES="+server.URL)
			said, err := command.CombinedOutput()
			if (err == nil) != (row.fails == "") || !strings.Contains(string(said), row.fails) {
				t.Errorf("%v\n%s", err, said)
			}
			ran, err := exec.CommandContext(t.Context(), filepath.Join(temp, "dragoman")).Output()
			if (err == nil) != (row.fails == "") || err == nil && string(ran) != "released\n" {
				t.Errorf("the program says %q (%v)", ran, err)
			}
		})
	}
}

// TestAction runs the script of the composite action as a runner does, with a
// server that is right and with one that is not there.
func TestAction(t *testing.T) {
	t.Parallel()
	action := readAction(t)
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
			step := action.step(t, "verify")
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
