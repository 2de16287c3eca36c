package main

import (
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestConformance judges the server in this process: what dragoman.yaml declares, with a
// subtest for each requirement.
func TestConformance(t *testing.T) {
	t.Parallel()
	m, err := manifest.Load("dragoman.yaml")
	if err != nil {
		t.Fatal(err)
	}
	full := m.Dialects.Form.Accounts.Full
	server := httptest.NewUnstartedServer(nil)
	server.Config = newServer(newOffice(map[string]string{full.Login: full.Password}, true))
	server.Start()
	defer server.Close()
	m.Subject = manifest.Subject{URL: server.URL, Ready: m.Subject.Ready} // and not the command
	conformance.Test(t, m, conformance.Options{Strict: true})
}
