//go:build unix

package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// find waits until the process has said something that matches, and returns the
// submatches.
func (p *process) find(pattern *regexp.Regexp) []string {
	p.t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		p.mu.Lock()
		text, more := p.log.String(), p.said
		p.mu.Unlock()
		if found := pattern.FindStringSubmatch(text); found != nil {
			return found
		}
		select {
		case <-more:
		case <-timeout:
			p.t.Fatalf("serve does not say %s: %s", pattern, text)
		}
	}
}

// TestAdminOverTLS serves the admin listener with a certificate of its own, which SIGHUP
// reloads together with that of the listener for clients. Its page works, and accepts no
// password over plain HTTP.
func TestAdminOverTLS(t *testing.T) {
	t.Parallel()
	clients, first, second := newPair(t, 1), newPair(t, 2), newPair(t, 3)
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	clients.write(t, file("tls.crt"), file("tls.key"))
	first.write(t, file("admin.crt"), file("admin.key"))
	if err := os.WriteFile(file("password"), []byte("correct horse battery"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"alone":                  nil,
		"beside that of clients": {"--tls-cert", file("tls.crt"), "--tls-key", file("tls.key")},
	} {
		first.write(t, file("admin.crt"), file("admin.key"))
		p := startServe(t, append([]string{ownBinary(t), "serve", "--demo", "--admin", "0.0.0.0:0", "--admin-password-file", file("password"),
			"--admin-tls-cert", file("admin.crt"), "--admin-tls-key", file("admin.key")}, args...)...)
		port := p.find(regexp.MustCompile(`admin page at https://\S+:(\d+)/admin/\n`))[1]
		url := "https://127.0.0.1:" + port
		client := newCaller(t)
		client.Transport = &http.Transport{TLSClientConfig: trusting(first, second), DisableKeepAlives: true}
		serial := func() int64 {
			t.Helper()
			resp, err := client.Get(url + "/livez")
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			return resp.TLS.PeerCertificates[0].SerialNumber.Int64()
		}
		const admin = "Authorization: Basic YWRtaW46Y29ycmVjdCBob3JzZSBiYXR0ZXJ5" // admin:correct horse battery
		if answer := client.send("POST", url+"/admin/end-all", "login=root", admin, formType, "Origin: "+url); !strings.Contains(string(answer.body), "All sessions and tokens have ended.") {
			t.Errorf("%s: a button of the page: %v", name, answer)
		}
		if answer := client.send("GET", "http://127.0.0.1:"+port+"/admin/", "", admin); answer.status != 400 {
			t.Errorf("%s: the page in plain text: %v", name, answer)
		}
		if got := serial(); got != 2 {
			t.Errorf("%s: the certificate is number %d, want 2", name, got)
		}
		second.write(t, file("admin.crt"), file("admin.key"))
		p.signal(syscall.SIGHUP, `"the certificate was reloaded","listener":"admin"`)
		if got := serial(); got != 3 {
			t.Errorf("%s: after SIGHUP the certificate is number %d, want 3", name, got)
		}
		p.terminate()
		if log := p.logged(); !strings.Contains(log, `"tls":true`) || strings.Contains(log, strings.Split(string(first.key), "\n")[1]) {
			t.Errorf("%s: the log does not warn of other machines, or holds the key: %s", name, log)
		}
	}
}
