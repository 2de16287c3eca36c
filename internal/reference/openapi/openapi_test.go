//go:build !race

package openapi_test

import (
	"net"
	"net/http/httptest"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/internal/reference/openapi"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

func TestUnknownDialect(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "soap", "../openapi.go"} {
		if _, err := openapi.Document(name, ""); err == nil {
			t.Errorf("there is a description of %q", name)
		}
	}
}

func TestDocumentsAreValid(t *testing.T) {
	t.Parallel()
	for _, dialect := range wire.Dialects() {
		if err := load(t, dialect).document.Validate(t.Context(), openapi3.IsOpenAPI31OrLater()); err != nil {
			t.Errorf("%s: %v", dialect, err)
		}
	}
}

// TestReferenceIsAsDescribed runs the whole suite against the reference and
// compares every exchange with the description of its dialect.
func TestReferenceIsAsDescribed(t *testing.T) {
	t.Parallel()
	server, err := reference.New(reference.Config{Accounts: reference.DemoAccounts(), ClockControl: true, Hasher: account.FastHasher{}})
	if err != nil {
		t.Fatal(err)
	}
	between := newInspector(t)
	web := httptest.NewServer(between.inspect(server.Handler()))
	t.Cleanup(web.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	calls := server.GRPC()
	served := make(chan error, 1)
	go func() { served <- calls.Serve(listener) }()
	t.Cleanup(func() {
		calls.Stop()
		<-served
	})
	manifest := subject.Reference()
	manifest.Subject.Builtin = false
	manifest.Subject.URL, manifest.Subject.GRPC = web.URL, listener.Addr().String()
	r, err := conformance.Run(t.Context(), manifest, conformance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Conclusion != report.Conformant {
		t.Errorf("the run ended %s", r.Conclusion)
	}
	between.conclude(t, 40,
		"session login 200", "session refresh 200", "session listUsers 403", "session endSession 204", "form login 415",
		"form extendToken 200", "form logout 204", "rpc call 200", "rpc call 401", "scoped issueToken 200", "scoped listMethods 200",
		"session MethodNotAllowed 405", "scoped UnknownPath 404",
	)
}
