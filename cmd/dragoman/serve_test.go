package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference"
)

var places = regexp.MustCompile(`on (https://\S+), gRPC on (\S+)\ndragoman: admin at (http://\S+)\n`)

// TestServeOperations runs serve with a certificate, an admin listener and an
// audit file, and asks all of them.
func TestServeOperations(t *testing.T) {
	t.Parallel()
	dir, served := t.TempDir(), newPair(t, 1)
	cert, key, auditFile := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"), filepath.Join(dir, "audit.log")
	passwordFile := filepath.Join(dir, "password")
	if err := os.WriteFile(passwordFile, []byte("correct horse battery\r\nnot this line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	served.write(t, cert, key)
	trusted := trusting(served)
	ctx, end := context.WithCancel(t.Context())
	read, written := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, []string{
			"serve", "--demo", "--listen", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--store", "memory:",
			"--tls-cert", cert, "--tls-key", key, "--audit", auditFile, "--admin-password-file", passwordFile, "--clock-control",
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
	login := client.formLogin(url)
	if login.status != 200 {
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
	for _, path := range []string{"/metrics", "/admin/"} {
		if answer := client.send("GET", url+path, ""); answer.status != 404 {
			t.Errorf("clients reach %s: %v", path, answer)
		}
	}
	if answer := client.send("GET", adminURL+"/admin/", ""); answer.status != 401 {
		t.Errorf("the page without its password: %v", answer)
	}
	const admin = "Authorization: Basic YWRtaW46Y29ycmVjdCBob3JzZSBiYXR0ZXJ5" // admin:correct horse battery
	if answer := client.send("POST", adminURL+"/admin/end-all", "login=root", admin, formType); !strings.Contains(string(answer.body), "All sessions and tokens have ended.") {
		t.Errorf("the end of all sessions: %v", answer)
	}
	if answer := client.items(url, login.member("token")); answer.status != 401 {
		t.Errorf("a token that has ended: %v", answer)
	}
	if again := client.formLogin(url); again.status != 200 {
		t.Errorf("another login: %v", again)
	}
	if answer := client.send("POST", url+"/_dragoman/clock", `{"advance":"25h"}`); answer.status != 200 {
		t.Errorf("the clock: %v", answer)
	}
	if answer := client.send("GET", adminURL+"/admin/account?login=root", "", admin); !strings.Contains(string(answer.body), "There are none.") {
		t.Errorf("the page has another clock than the server: %v", answer)
	}
	log, err := os.ReadFile(auditFile)
	if err != nil || strings.Count(string(log), "\n") != 6 || !strings.Contains(string(log), `"by":"operator"`) || !strings.Contains(string(log), `"msg":"login succeeded"`) {
		t.Errorf("the audit log is %s (%v)", log, err)
	}
}

func TestServeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"--tls-cert and --tls-key belong together":             {"--tls-cert", "x"},
		"--admin-tls-cert and --admin-tls-key belong together": {"--admin", "127.0.0.1:0", "--admin-tls-cert", "x"},
		"--admin-tls-cert: load the certificate":               {"--admin", "127.0.0.1:0", "--admin-tls-cert", "/nowhere/x", "--admin-tls-key", "/nowhere/y"},
		"--admin-tls-cert needs --admin ADDRESS":               {"--admin-tls-cert", "/nowhere/x", "--admin-tls-key", "/nowhere/y"},
		"load the certificate":                                 {"--tls-cert", "/nowhere/x", "--tls-key", "/nowhere/y"},
		"--traces-share needs --traces URL":                    {"--traces-share", "0.5"},
		"--pprof needs":                                        {"--pprof"},
		"--trusted-proxy":                                      {"--trusted-proxy", "proxy.example.com"},
		"as form=/api":                                         {"--prefix", "form"},
		"once for each":                                        {"--prefix", "form=/a,form=/b"},
		"without a slash":                                      {"--prefix", "form=/a/"},
		"--audit":                                              {"--audit", "/nowhere/audit.log"},
		"--admin-password":                                     {"--admin", "127.0.0.1:0", "--admin-password-file", "/nowhere/password"},
		"needs --admin ADDR":                                   {"--admin-password-file", "/nowhere/password"},
		"--admin":                                              {"--admin", "127.0.0.1:99999"},
		"must not be negative":                                 {"--drain-delay", "-1s"},
	} {
		output, code := dragoman(t, "", append([]string{"serve", "--demo", "--store", "memory:", "--listen", "127.0.0.1:0", "--grpc", ""}, args...)...)
		if code != exitUsage || !strings.Contains(output, want) {
			t.Errorf("%v: %d %s", args, code, output)
		}
	}
}

// TestAdminPassword: it comes from the first line of a file or from the variable; without
// one there is no page, and a short one is refused.
func TestAdminPassword(t *testing.T) {
	t.Parallel()
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "password")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, row := range []struct {
		what  string
		flags serveFlags
		page  bool
		error string
	}{
		{"none", serveFlags{admin: "127.0.0.1:0"}, false, ""},
		{"variable", serveFlags{admin: "127.0.0.1:0", adminPassword: "hunter2 hunter2 hunter2"}, true, ""},
		{"file", serveFlags{admin: "127.0.0.1:0", adminPasswordFile: write("hunter2 hunter2 hunter2")}, true, ""},
		{"both", serveFlags{admin: "127.0.0.1:0", adminPasswordFile: write("hunter2 hunter2 hunter2"), adminPassword: "hunter2 hunter2 hunter2"}, false, "set one of them"},
		{"empty file", serveFlags{admin: "127.0.0.1:0", adminPasswordFile: write("\nhunter2 hunter2 hunter2")}, false, "first line is empty"},
		{"short", serveFlags{admin: "127.0.0.1:0", adminPassword: "hunter2"}, false, "shorter than 15 characters"},
		{"no listener", serveFlags{adminPassword: "hunter2 hunter2 hunter2"}, false, "needs --admin ADDRESS"},
	} {
		row.flags.audit = auditNone
		ops, err := newOperations(row.flags, slog.New(slog.DiscardHandler))
		if err == nil {
			err = errors.Join(ops.configure(&reference.Config{Store: memory.New()}), ops.close())
		}
		if (err != nil) != (row.error != "") || err != nil && (!strings.Contains(err.Error(), row.error) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s: %v, want %q", row.what, err, row.error)
		}
		if err == nil && (ops.page != nil) != row.page {
			t.Errorf("%s: the page is %v", row.what, ops.page)
		}
	}
}

// TestAdminForOtherMachines: the listener is off by itself. Where others may reach it the
// log says what that means, and without TLS there is no page there.
func TestAdminForOtherMachines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	newPair(t, 1).write(t, cert, key)
	const password = "hunter2 hunter2 hunter2"
	for _, row := range []struct {
		address, password, cert, key string
		warns, refused               bool
	}{
		{},
		{address: "127.0.0.1:0"},
		{address: "127.0.0.1:0", password: password},
		{address: "localhost:0", password: password},
		{address: "[::1]:0", password: password},
		{address: "127.0.0.1:0", password: password, cert: cert, key: key},
		{address: ":0", warns: true},
		{address: "0.0.0.0:0", warns: true},
		{address: ":0", cert: cert, key: key, warns: true},
		{address: ":0", password: password, cert: cert, key: key, warns: true},
		{address: ":0", password: password, refused: true},
		{address: "0.0.0.0:0", password: password, refused: true},
		{address: "[::]:0", password: password, refused: true},
	} {
		var log bytes.Buffer
		flags := serveFlags{admin: row.address, adminPassword: row.password, adminTLSCert: row.cert, adminTLSKey: row.key, audit: auditNone}
		ops, err := newOperations(flags, slog.New(slog.NewJSONHandler(&log, nil)))
		if err == nil {
			err = ops.configure(&reference.Config{Store: memory.New()})
		}
		if err != nil {
			t.Fatal(err)
		}
		err = ops.listen(t.Context(), row.address)
		if row.refused {
			if err == nil || !strings.Contains(err.Error(), "would cross the network in clear; set --admin-tls-cert") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%+v: the error is %v", row, err)
			}
			if again := ops.listener.Close(); !errors.Is(again, net.ErrClosed) {
				t.Errorf("%+v: the listener is still open (%v)", row, again)
			}
			continue
		}
		if err != nil {
			t.Errorf("%+v: %v", row, err)
			continue
		}
		if (ops.listener == nil) != (row.address == "") {
			t.Errorf("%+v: the listener is %v", row, ops.listener)
		}
		said := strings.Contains(log.String(), `"level":"WARN"`) && strings.Contains(log.String(), "no credentials")
		if said != row.warns || !row.warns && log.Len() > 0 {
			t.Errorf("%+v: the log says %q", row, log.String())
		}
		if err := errors.Join(closed(ops.listener), ops.close()); err != nil {
			t.Error(err)
		}
	}
	if def := newServeCommand().Flags().Lookup("admin").DefValue; def != "" {
		t.Errorf("without --admin it listens on %s", def)
	}
}
