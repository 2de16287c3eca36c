package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mocked runs "dragoman mock" until use returns, and returns its exit code and its
// standard error.
func mocked(t *testing.T, args []string, use func(at mockAddresses)) (int, string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read, write := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int)
	go func() {
		code := run(ctx, append([]string{"mock", "--listen", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--management", "127.0.0.1:0"}, args...), write, &stderr)
		_ = write.Close()
		ended <- code
	}()
	var at mockAddresses
	if err := json.NewDecoder(read).Decode(&at); err == nil {
		use(at)
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	cancel()
	return <-ended, stderr.String()
}

func fetch(t *testing.T, client *http.Client, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// TestGRPCOnlyForRPC starts and ends the mock: gRPC carries the rpc dialect
// alone, so without it nothing listens there.
func TestGRPCOnlyForRPC(t *testing.T) {
	t.Parallel()
	for dialects, want := range map[string]bool{"": true, "--dialect=session,rpc": true, "--dialect=session --dialect=form": false, "--dialects=session,form": false} {
		var at mockAddresses
		code, stderr := mocked(t, strings.Fields(dialects), func(got mockAddresses) { at = got })
		if told := strings.Contains(stderr, "gRPC on 127.0.0.1:"); code != 0 || told != want || (at.GRPC != "") != want {
			t.Errorf("dialects %q: code %d, gRPC on %q, want %v: %s", dialects, code, at.GRPC, want, stderr)
		}
	}
}

// TestMockCommand steers a mock as a test in another language does, with all that its
// flags set.
func TestMockCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stubs, addresses, config := filepath.Join(dir, "stubs.yaml"), filepath.Join(dir, "at.json"), filepath.Join(dir, "mock.yaml")
	for path, text := range map[string]string{
		stubs:  "- pattern: GET /orders\n  status: 418\n",
		config: "start: 2030-01-02T03:04:05Z\nstub: [" + stubs + "]\naccount: ['ann:secret:ann@example.com']\nprefix: [session=/api]\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, stderr := mocked(t, []string{"--tls", "--address-file", addresses, "--config", config, "--misuse", "warn"}, func(at mockAddresses) {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM([]byte(at.Certificate)) {
			t.Error("no certificate")
		}
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
		defer transport.CloseIdleConnections()
		client := &http.Client{Transport: transport}
		if status, body := fetch(t, client, "POST", at.URL+"/api/sessions", `{"session":{"email":"ann@example.com","password":"secret"}}`); status != 200 {
			t.Errorf("the login is answered %d %s", status, body)
		}
		if status, _ := fetch(t, client, "GET", at.URL+"/orders", ""); status != 401 {
			t.Errorf("an own route without a token is answered %d", status)
		}
		if _, body := fetch(t, client, "GET", at.Management+"/clock", ""); !strings.Contains(body, "2030-01-02T03:04:") {
			t.Errorf("the clock is %s", body)
		}
		if _, body := fetch(t, client, "GET", at.Management+"/journal", ""); !strings.Contains(body, `"operation":"login"`) || strings.Contains(body, `"secret"`) {
			t.Errorf("the journal is %s", body)
		}
		written, err := os.ReadFile(addresses)
		var again mockAddresses
		if err != nil || json.Unmarshal(written, &again) != nil || again != at {
			t.Errorf("the file holds %s (%v), want %v", written, err, at)
		}
	})
	if code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// TestMockEndsWithMisuse ends with exit code 1 where a client misused a token.
func TestMockEndsWithMisuse(t *testing.T) {
	t.Parallel()
	for level, want := range map[string]int{"warn": 0, "fail": 1} {
		code, stderr := mocked(t, []string{"--misuse", level}, func(at mockAddresses) {
			fetch(t, http.DefaultClient, "GET", at.URL+"/items?token=x", "")
		})
		if code != want || strings.Contains(stderr, "token_in_url") != (want == 1) {
			t.Errorf("%s: exit code %d, want %d: %s", level, code, want, stderr)
		}
	}
}

// TestMockMistakes says what is wrong with flags and files.
func TestMockMistakes(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("- pattern: GET items\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"--account is login:password": {"--account", "ann"},
		"--prefix":                    {"--prefix", "/api"},
		"--start is a time":           {"--start", "yesterday"},
		"is not off, warn or fail":    {"--misuse", "loud"},
		"no such file":                {"--stub", broken + "x"},
		"GET items":                   {"--stub", broken},
		"--management: ":              {"--management", "127.0.0.1:notaport"},
		"--address-file":              {"--address-file", filepath.Join(broken, "at.json")},
	} {
		code, stderr := mocked(t, args, func(mockAddresses) { t.Errorf("%v: the mock runs", args) })
		if code == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%v: exit code %d: %s, want %q", args, code, stderr, want)
		}
	}
}
