package conformance_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// TestHTTP2OnlyIsSaid: a report says that its subject was judged over HTTP/2, and its
// scripts speak that.
func TestHTTP2OnlyIsSaid(t *testing.T) {
	t.Parallel()
	backOffice, err := reference.New(reference.Config{Accounts: reference.DemoAccounts(), Hasher: account.FastHasher{}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(backOffice.Handler())
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	m := subject.Reference()
	m.Subject.Builtin, m.Subject.URL = false, server.URL
	m.Dialects.RPC = nil
	m.Dialects.Session.TokenLife *= 2 // so that a row fails, and has a script
	r, err := conformance.Run(t.Context(), m, conformance.Options{Only: []string{"SES-01", "SES-02"}, Unexamined: true})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.Subject.Runs, "over HTTP/2") || len(r.Requirements) != 2 ||
		r.Requirements[0].Verdict != report.Pass || r.Requirements[1].Verdict != report.Fail {
		t.Fatalf("got %+v", r)
	}
	if script := r.Requirements[1].Scenarios[0].Reproduce; !strings.Contains(script, "--http2-prior-knowledge") {
		t.Errorf("the script is\n%s", script)
	}
}
