package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"
)

var places = regexp.MustCompile(`on (https://\S+), gRPC on (\S+)\ndragoman: admin at (http://\S+)\n`)

// TestServeOperations runs serve with a certificate, an admin listener and an
// audit file, and asks all of them.
func TestServeOperations(t *testing.T) {
	t.Parallel()
	dir, served := t.TempDir(), newPair(t, 1)
	cert, key, auditFile := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"), filepath.Join(dir, "audit.log")
	served.write(t, cert, key)
	trusted := trusting(served)
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
	client.Transport = &http.Transport{TLSClientConfig: trusted, DisableKeepAlives: true}
	if login := client.formLogin(url); login.status != 200 {
		t.Errorf("login over TLS: %v", login)
	}
	if plain := client.formLogin(strings.Replace(url, "https", "http", 1)); plain.status == 200 {
		t.Errorf("login in plain text: %v", plain)
	}
	conn, err := grpc.NewClient(calls, grpc.WithTransportCredentials(credentials.NewTLS(trusted)))
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
		"as form=/api":         {"--prefix", "form"},
		"once for each":        {"--prefix", "form=/a,form=/b"},
		"without a slash":      {"--prefix", "form=/a/"},
		"--audit":              {"--audit", "/nowhere/audit.log"},
		"--admin":              {"--admin", "127.0.0.1:99999"},
		"must not be negative": {"--drain-delay", "-1s"},
	} {
		output, code := dragoman(t, "", append([]string{"serve", "--demo", "--store", "memory:", "--listen", "127.0.0.1:0", "--grpc", ""}, args...)...)
		if code != exitUsage || !strings.Contains(output, want) {
			t.Errorf("%v: %d %s", args, code, output)
		}
	}
}

// TestAdminWarnsOfOtherMachines: the listener is off by itself, and where others
// may reach it the log says what that means.
func TestAdminWarnsOfOtherMachines(t *testing.T) {
	t.Parallel()
	for address, warns := range map[string]bool{
		"": false, "127.0.0.1:0": false, "localhost:0": false, ":0": true, "0.0.0.0:0": true,
	} {
		var log bytes.Buffer
		ops, err := newOperations(serveFlags{admin: address, audit: auditNone}, slog.New(slog.NewJSONHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		if err := ops.listen(t.Context(), address); err != nil {
			t.Fatal(err)
		}
		if (ops.listener == nil) != (address == "") {
			t.Errorf("--admin %q: the listener is %v", address, ops.listener)
		}
		said := strings.Contains(log.String(), `"level":"WARN"`) && strings.Contains(log.String(), "no credentials")
		if said != warns || !warns && log.Len() > 0 {
			t.Errorf("--admin %q: the log says %q", address, log.String())
		}
		if err := errors.Join(closed(ops.listener), ops.close()); err != nil {
			t.Error(err)
		}
	}
	if def := newServeCommand().Flags().Lookup("admin").DefValue; def != "" {
		t.Errorf("without --admin it listens on %s", def)
	}
}
