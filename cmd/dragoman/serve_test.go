package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// writeCertificate makes a certificate for 127.0.0.1 and returns its files, and
// a configuration that trusts it.
func writeCertificate(t *testing.T) (cert, key string, trusting *tls.Config) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for file, text := range map[string][]byte{cert: chain, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(chain)
	return cert, key, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

var places = regexp.MustCompile(`on (https://\S+), gRPC on (\S+)\ndragoman: admin at (http://\S+)\n`)

// TestServeOperations runs serve with a certificate, an admin listener and an
// audit file, and asks all of them.
func TestServeOperations(t *testing.T) {
	t.Parallel()
	cert, key, trusting := writeCertificate(t)
	auditFile := filepath.Join(t.TempDir(), "audit.log")
	ctx, end := context.WithCancel(t.Context())
	read, written := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, []string{
			"serve", "--demo", "--listen", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--store", "memory:",
			"--tls-cert", cert, "--tls-key", key, "--audit", auditFile,
		}, io.Discard, written)
		written.Close()
		ended <- code
	}()
	var said strings.Builder
	buffer := make([]byte, 4096)
	for !places.MatchString(said.String()) {
		n, err := read.Read(buffer)
		said.Write(buffer[:n])
		if err != nil {
			t.Fatalf("serve ended: %s", said.String())
		}
	}
	drained := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, read); close(drained) }()
	defer func() {
		end()
		if code := <-ended; code != 0 {
			t.Errorf("serve ended with %d", code)
		}
		<-drained
	}()
	found := places.FindStringSubmatch(said.String())
	url, calls, adminURL := found[1], found[2], found[3]

	client := newCaller(t)
	client.Transport = &http.Transport{TLSClientConfig: trusting, DisableKeepAlives: true}
	if login := client.formLogin(url); login.status != 200 {
		t.Errorf("login over TLS: %v", login)
	}
	if plain := client.formLogin(strings.Replace(url, "https", "http", 1)); plain.status == 200 {
		t.Errorf("login in plain text: %v", plain)
	}
	conn, err := grpc.NewClient(calls, grpc.WithTransportCredentials(credentials.NewTLS(trusting)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	health, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil || health.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("health over TLS: %v %v", health, err)
	}
	for path, want := range map[string]string{
		"/livez": "ok", "/readyz": "ok", "/metrics": `dragoman_logins_total{dialect="form",outcome="succeeded"} 1`, "/debug/pprof/": "404",
	} {
		if answer := client.send("GET", adminURL+path, ""); !strings.Contains(string(answer.body), want) {
			t.Errorf("%s: %v", path, answer)
		}
	}
	if answer := client.send("GET", url+"/metrics", ""); answer.status != 404 {
		t.Errorf("clients reach the metrics: %v", answer)
	}
	log, err := os.ReadFile(auditFile)
	if err != nil || strings.Count(string(log), "\n") != 2 || !strings.Contains(string(log), `"msg":"login succeeded"`) {
		t.Errorf("the audit log is %s (%v)", log, err)
	}
}

func TestServeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"belong together":      {"--tls-cert", "x"},
		"load the certificate": {"--tls-cert", "/nowhere/x", "--tls-key", "/nowhere/y"},
		"--pprof needs":        {"--pprof"},
		"--trusted-proxy":      {"--trusted-proxy", "proxy.example.com"},
		"--audit":              {"--audit", "/nowhere/audit.log"},
		"--admin":              {"--admin", "127.0.0.1:99999"},
		"less than nothing":    {"--drain-delay", "-1s"},
	} {
		output, code := dragoman(t, "", append([]string{"serve", "--demo", "--store", "memory:", "--listen", "127.0.0.1:0", "--grpc", ""}, args...)...)
		if code != exitUsage || !strings.Contains(output, want) {
			t.Errorf("%v: %d %s", args, code, output)
		}
	}
}
