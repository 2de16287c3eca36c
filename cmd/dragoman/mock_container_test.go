//go:build !race

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/internal/needs"
	"github.com/dragoman-auth/dragoman/mockserver/container"
)

// TestSuitePassesTheMockInAContainer starts the program in a container by the module
// of mockserver/container, and judges what comes up; its options and its management
// work, too.
func TestSuitePassesTheMockInAContainer(t *testing.T) {
	t.Parallel()
	needs.Engine(t, subject.EngineAnswers(t.Context()))
	folder := t.TempDir()
	if err := os.Rename(shippedBinary(t), filepath.Join(folder, "dragoman")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "Dockerfile"), []byte("FROM scratch\nCOPY dragoman /dragoman\nENTRYPOINT [\"/dragoman\"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mock, err := container.Run(t.Context(), "",
		testcontainers.WithDockerfile(testcontainers.FromDockerfile{Context: folder}),
		container.WithDialects("session", "form", "rpc", "scoped"), container.WithAccount("ann", "seven-glass-lanterns"),
		container.WithStart(time.Date(2035, 1, 2, 3, 4, 5, 0, time.UTC)), container.WithMisuse("warn"))
	if mock != nil {
		testcontainers.CleanupContainer(t, mock.Container)
	}
	if err != nil {
		t.Fatal(err)
	}
	if now := managedTime(t, mock); now.Year() != 2035 {
		t.Errorf("its clock says %s", now)
	}
	m, err := manifest.Load("../../internal/conformance/subject/reference.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m.Subject = manifest.Subject{URL: mock.URL, GRPC: mock.GRPC}
	m.Dialects.Form.Accounts.Full = manifest.LoginAccount{Login: "ann", Password: "seven-glass-lanterns"}
	found, err := conformance.Run(t.Context(), m, conformance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if found.Conclusion != report.Conformant || found.Counts[report.Pass] != len(found.Requirements) {
		var text strings.Builder
		_ = found.WriteText(&text)
		t.Errorf("%s\n%s", found.Conclusion, text.String())
	}
}

// managedTime asks the management for the mock's time.
func managedTime(t *testing.T, mock *container.Container) time.Time {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, mock.ManagementURL+"/clock", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var clock struct {
		Now time.Time `json:"now"`
	}
	if err := json.NewDecoder(response.Body).Decode(&clock); err != nil {
		t.Fatal(err)
	}
	return clock.Now
}
