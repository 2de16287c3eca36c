package conformance_test

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/reference"
)

// Judge dragoman's own reference server by one requirement.
func ExampleRun() {
	text := `
subject: {builtin: true}
dialects:
  form:
    accounts:
      full: {login: root, password: "${FORM_PASSWORD}"}
`
	m, err := manifest.Parse("example.yaml", []byte(text), func(name string) (string, bool) {
		return map[string]string{"FORM_PASSWORD": "root"}[name], true // os.LookupEnv, in earnest
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := conformance.Run(context.Background(), m, conformance.Options{Only: []string{"FRM-05"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range report.Requirements {
		fmt.Println(row.ID, row.Level, row.Verdict)
	}
	fmt.Println(report.Conclusion, report.Conclusion.ExitCode())
	// Output:
	// FRM-05 MUST pass
	// conformant 0
}

// A mistake in a manifest is told in one line.
func ExampleUsageError() {
	m, err := manifest.Load("../dragoman.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = conformance.Run(context.Background(), m, conformance.Options{Only: []string{"SES-90"}})
	fmt.Fprintln(os.Stdout, err)
	// Output:
	// no requirement "SES-90"; did you mean SES-10?
}

// Look whether a server is ready to be judged, and what to correct if not.
func ExampleExamine() {
	text := `
subject: {builtin: true}
clock: {wait: 1s}
dialects:
  form:
    protected: /no/such/items
    accounts:
      full: {login: root, password: root}
`
	m, err := manifest.Parse("example.yaml", []byte(text), os.LookupEnv)
	if err != nil {
		fmt.Println(err)
		return
	}
	findings, err := conformance.Examine(context.Background(), m, conformance.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range findings {
		fmt.Println(f)
	}
	// Output:
	// dialects.form.protected: there is nothing at /no/such/items: it answers 404 Not Found; name a path that exists
}

// A vendor judges a server in "go test": each requirement is a subtest.
func ExampleTest() {
	var t *testing.T // that of func TestConformance(t *testing.T)
	m, err := manifest.Load("dragoman.yaml")
	if err != nil {
		t.Fatal(err)
	}
	conformance.Test(t, m, conformance.Options{Profile: "core"})
}

// Judge a server that listens on a Unix socket.
func ExampleOptions() {
	folder, err := os.MkdirTemp("", "socket")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	socket := filepath.Join(folder, "http.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		fmt.Println(err)
		return
	}
	backOffice, err := reference.New(reference.Config{Accounts: reference.DemoAccounts()})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewUnstartedServer(backOffice.Handler())
	server.Listener = listener
	server.Start()
	defer server.Close()

	m, err := manifest.Parse("example.yaml", []byte(`
subject: {url: "http://back-office.example"}
dialects:
  form:
    accounts:
      full: {login: root, password: root}
`), os.LookupEnv)
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := conformance.Run(context.Background(), m, conformance.Options{
		Only: []string{"FRM-05"},
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Subject.HTTP, report.Requirements[0].ID, report.Requirements[0].Verdict)
	// Output:
	// http://back-office.example FRM-05 pass
}
