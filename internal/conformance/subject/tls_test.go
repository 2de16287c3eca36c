package subject_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

func TestTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	dir := t.TempDir()
	ca, empty := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "empty.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for path, content := range map[string][]byte{ca: certificate, empty: nil} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	elsewhere := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	tests := map[string]struct {
		url     string
		tls     *manifest.TLS
		problem string // or "" where it answers
	}{
		"an unknown authority": {server.URL, nil, "name the file of its authority in subject.tls.ca"},
		"its own authority":    {server.URL, &manifest.TLS{CA: ca}, ""},
		"by explicit word":     {server.URL, &manifest.TLS{Insecure: true}, ""},
		"another name":         {elsewhere, &manifest.TLS{CA: ca}, "write the certificate's name into subject.tls.server_name"},
		"another name, said":   {elsewhere, &manifest.TLS{CA: ca, ServerName: "example.com"}, ""},
		"no file":              {server.URL, &manifest.TLS{CA: filepath.Join(dir, "nosuch")}, "subject.tls.ca: open "},
		"no certificate in it": {server.URL, &manifest.TLS{CA: empty}, "subject.tls.ca: no certificate in "},
		"no key":               {server.URL, &manifest.TLS{Cert: ca, Key: empty}, "subject.tls.cert: "},
		"no TLS at all":        {strings.Replace(plain.URL, "http:", "https:", 1), nil, "it seems to speak http, not https"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := parse(t, "{url: '"+test.url+"'}")
			m.Subject.TLS = test.tls
			running, err := subject.Start(t.Context(), m, subject.Options{})
			if test.problem != "" {
				wantError(t, err, test.problem)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(running.Stop)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, running.HTTP, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := running.Transport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.ProtoMajor != 1 {
				t.Errorf("it speaks %s", response.Proto)
			}
		})
	}
}
