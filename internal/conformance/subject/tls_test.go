package subject_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

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

// A server that is started may write its certificate then, over one of an earlier start;
// one that never does is told of.
func TestACertificateThatTheServerWrites(t *testing.T) {
	t.Parallel()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	m := parse(t, fmt.Sprintf(`{command: [%s, -listen, "127.0.0.1:${HTTP_PORT}", -certificate, %s]}`, helperBinary(t), ca))
	m.Subject.TLS = &manifest.TLS{CA: ca}
	if running := start(t, m, subject.Options{}); !strings.HasPrefix(running.HTTP, "https://") {
		t.Errorf("it runs at %s", running.HTTP)
	}
	if err := os.WriteFile(ca, ofAnEarlierStart(t), 0o600); err != nil {
		t.Fatal(err)
	}
	running := start(t, m, subject.Options{})
	if err := os.Remove(ca); err != nil {
		t.Fatal(err)
	}
	if err := running.Answers(t.Context()); err != nil {
		t.Errorf("without the file, which has been read: %v", err)
	}
	m.Subject.TLS.CA += ".other"
	m.Subject.Ready.Timeout = 500 * time.Millisecond
	_, err := subject.Start(t.Context(), m, subject.Options{})
	wantError(t, err, "subject.tls.ca: open ")
}

// ofAnEarlierStart is a certificate that the server does not have any more.
func ofAnEarlierStart(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	certificate, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
}

// Direct gRPC has whom to trust from its own section, and else from that of HTTP.
func TestTrustOfEachPort(t *testing.T) {
	t.Parallel()
	server := grpc.NewServer(grpc.Creds(credentials.NewServerTLSFromCert(&httptestCertificate(t).TLS.Certificates[0])))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		<-served
	})
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	for name, test := range map[string]struct {
		trust   string
		problem string
	}{
		"none":                  {"", "nobody there speaks it over TLS; if it does, name the file of its authority in subject.tls.ca, or dialects.rpc.grpc.trust.ca"},
		"any":                   {", trust: {insecure: true}", ""},
		"a file that is absent": {", trust: {ca: /nosuch.pem}", "dialects.rpc.grpc.trust.ca: open "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := fmt.Sprintf(`
subject: {url: %q, grpc: %q}
dialects:
  rpc:
    grpc: {tls: true%s}
    accounts: {full: {login: a, password: b}}
`, plain.URL, listener.Addr(), test.trust)
			m, err := manifest.Parse("test.yaml", []byte(text), os.LookupEnv)
			if err != nil {
				t.Fatal(err)
			}
			running, err := subject.Start(t.Context(), m, subject.Options{})
			if test.problem != "" {
				wantError(t, err, test.problem)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			running.Stop()
			if running.GRPCTLS == nil || !running.GRPCTLS.InsecureSkipVerify || running.Transport.TLSClientConfig.InsecureSkipVerify {
				t.Error("the ports do not trust whom they should")
			}
		})
	}
}

// httptestCertificate is a server whose certificate is for this machine.
func httptestCertificate(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	return server
}
