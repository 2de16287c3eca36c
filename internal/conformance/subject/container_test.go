package subject_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/internal/needs"
)

// buildContext is a folder with a Dockerfile for the helper.
func buildContext(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	binary, err := os.ReadFile(helperBinary(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		os.WriteFile(filepath.Join(dir, "server"), binary, 0o755),
		os.WriteFile(filepath.Join(dir, "Dockerfile.test"), []byte("FROM scratch\nCOPY server /server\nENTRYPOINT [\"/server\"]\n"), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	return dir
}

// left lists the containers and images that the engine has of a process.
func left(t *testing.T, pid int) string {
	t.Helper()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for kind, list := range map[string][]string{"container": {"ps", "--all"}, "image": {"images"}} {
		list = append(list, "--quiet", "--no-trunc", "--filter", "label=dragoman.run")
		ids, err := exec.CommandContext(t.Context(), "docker", list...).Output()
		needs.Engine(t, err)
		for _, id := range strings.Fields(string(ids)) {
			// What others have made may be gone by now.
			labels, _ := exec.CommandContext(t.Context(), "docker", "inspect", "--format", `{{index .Config.Labels "dragoman.run"}}`, id).Output()
			if strings.HasPrefix(string(labels), fmt.Sprintf("%s/%d/", host, pid)) {
				found = append(found, kind+" "+id)
			}
		}
	}
	return strings.Join(found, ", ")
}

// TestContainers is one story, so that nothing else makes containers while it
// looks at what this process has left.
func TestContainers(t *testing.T) {
	t.Parallel()
	needs.Engine(t, subject.EngineAnswers(t.Context()))
	dir := buildContext(t)
	build := fmt.Sprintf(`dockerfile: {context: %s, file: Dockerfile.test}, ports: {http: 8080}`, dir)

	t.Run("a Dockerfile", func(t *testing.T) {
		m := parse(t, `{`+build+`, args: [-listen, ":8080"], env: {GREETING: hello}}`)
		running := start(t, m, subject.Options{})
		if running.Kind != "dockerfile" || !strings.Contains(running.Runs, "in a container built from Dockerfile.test, reached at ") {
			t.Errorf("got %+v", running)
		}
		if status, _ := get(t, running.HTTP+"/"); status != http.StatusNotFound {
			t.Errorf("it answers %d", status)
		}
		clock := subject.NewClock(running, &manifest.Clock{Command: []string{"/server", "-move", "{seconds}"}})
		if err := clock.Advance(t.Context(), time.Hour); err != nil {
			t.Error(err)
		}
		_, date := get(t, running.HTTP+"/")
		if moved, err := http.ParseTime(date); err != nil || time.Until(moved) < 59*time.Minute {
			t.Errorf("a command in the container left its clock at %v", date)
		}
		wrong := subject.NewClock(running, &manifest.Clock{Command: []string{"/server", "-mov", "{seconds}"}})
		if err := wrong.Advance(t.Context(), time.Hour); err == nil || !strings.Contains(err.Error(), "/server: it ended with status 2; it printed: ") {
			t.Errorf("a command that fails: %v", err)
		}
		if logs, _ := running.Logs(); !strings.Contains(logs, "listening, with hello") {
			t.Errorf("the logs are %q", logs)
		}
		running.Stop()
		if rest := left(t, os.Getpid()); rest != "" {
			t.Errorf("left behind: %s", rest)
		}
	})
	t.Run("one that ends", func(t *testing.T) {
		_, err := subject.Start(t.Context(), parse(t, `{`+build+`, args: [-fail]}`), subject.Options{})
		wantError(t, err, "cannot read the configuration")
	})
	t.Run("one that does not answer", func(t *testing.T) {
		_, err := subject.Start(t.Context(), parse(t, `{`+build+`, ready: {timeout: 1s}, args: [-listen, ":8080", -hang]}`), subject.Options{})
		wantError(t, err, "the subject does not answer within 1 second: GET http://127.0.0.1:")
	})
	t.Run("one that listens inside only", func(t *testing.T) {
		for _, address := range []string{"127.0.0.1:8080", ":8081"} {
			_, err := subject.Start(t.Context(), parse(t, `{`+build+`, ready: {timeout: 1s}, args: [-listen, "`+address+`"]}`), subject.Options{})
			wantError(t, err, "its port 8080 is published, but within 1 second nothing listens on it from outside: most likely the server in it listens on 127.0.0.1")
			wantError(t, err, "correct subject.ports.http, or raise subject.ready.timeout where it starts slowly; it printed: \"listening, with")
		}
	})
	t.Run("a Dockerfile that is broken", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(dir, "Broken"), []byte("FROM scratch\nCOPY nosuch /\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		section := fmt.Sprintf(`{dockerfile: {context: %s, file: Broken}, ports: {http: 8080}}`, dir)
		_, err := subject.Start(t.Context(), parse(t, section), subject.Options{})
		wantError(t, err, "start the container: ")
	})
	t.Run("an interrupted start", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if running, err := subject.Start(ctx, parse(t, `{`+build+`, args: [-listen, "127.0.0.1:8080"]}`), subject.Options{}); err == nil {
			running.Stop()
			t.Error("it started")
		}
	})
	t.Run("a killed run's leftovers", func(t *testing.T) {
		host, err := os.Hostname()
		if err != nil {
			t.Fatal(err)
		}
		// While its process lives, nobody removes it: other judges on this machine look for
		// orphans, too.
		other := exec.CommandContext(t.Context(), "cat")
		alive, err := other.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Start(); err != nil {
			t.Fatal(err)
		}
		label := fmt.Sprintf("LABEL dragoman.run=%s/%d/x\n", host, other.Process.Pid)
		if err := os.WriteFile(filepath.Join(dir, "Orphan"), []byte("FROM scratch\nCOPY server /server\n"+label), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), "docker", "build", "--quiet", "--file", filepath.Join(dir, "Orphan"), dir).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
		if left(t, other.Process.Pid) == "" {
			t.Fatal("there is nothing of the other process")
		}
		if err := errors.Join(alive.Close(), other.Wait()); err != nil {
			t.Fatal(err)
		}
		start(t, parse(t, `{`+build+`, args: [-listen, ":8080"]}`), subject.Options{}).Stop()
		if rest := left(t, other.Process.Pid); rest != "" {
			t.Errorf("left behind: %s", rest)
		}
	})
	if rest := left(t, os.Getpid()); rest != "" {
		t.Errorf("left behind: %s", rest)
	}
}

func TestImageThatDoesNotExist(t *testing.T) {
	t.Parallel()
	needs.Engine(t, subject.EngineAnswers(t.Context()))
	m := parse(t, "{image: '127.0.0.1:1/nosuch/image:1', ports: {http: 8080}}")
	_, err := subject.Start(t.Context(), m, subject.Options{})
	wantError(t, err, "start the container: ")
}

// TestBuiltinFallsBack runs the reference in this process where its binary
// cannot run in an empty container.
func TestBuiltinFallsBack(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no binary"), 0o600); err != nil {
		t.Fatal(err)
	}
	var said []string
	m := subject.Reference()
	m.Dialects = manifest.Dialects{Form: m.Dialects.Form}
	running := start(t, m, subject.Options{Binary: text, Say: func(line string) { said = append(said, line) }})
	if !strings.HasPrefix(running.Runs, "in this process, for ") || len(said) != 1 || said[0] != "the reference runs in this process: this program is no Linux binary" {
		t.Errorf("it runs %s, and says %q", running.Runs, said)
	}
}
