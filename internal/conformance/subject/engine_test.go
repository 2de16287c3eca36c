package subject_test

import (
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

// TestNamedEngineThatIsNotThere sets the variable for the whole process, so it
// cannot run beside others.
func TestNamedEngineThatIsNotThere(t *testing.T) {
	m := parse(t, "{image: vendor/server:1, ports: {http: 80}}")
	for _, host := range []string{
		"tcp://127.0.0.1:1", "unix:///no/such/docker.sock", "no engine", "tcp://ann:hunter2@127.0.0.1:1", "tcp://ann:hunter2@127.0.0.1:x",
		`tcp://ann:"hunter2@127.0.0.1:x`,
	} {
		t.Setenv("DOCKER_HOST", host)
		running, err := subject.Start(t.Context(), m, subject.Options{})
		if err == nil {
			running.Stop()
		}
		wantError(t, err, "the container engine that $DOCKER_HOST names does not answer: ")
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: it tells a password, or breaks its line: %v", host, err)
		}
		if err := subject.EngineAnswers(t.Context()); err == nil {
			t.Errorf("%s: an engine answers", host)
		}
	}
}
