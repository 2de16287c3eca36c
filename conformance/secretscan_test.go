//go:build !race

package conformance_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/features"
)

const scannedPassword = `Scan/pa&ss "wörd"+%<7>`

// leaking is a server that grants tokens and tells them, and the password, in
// every place and form that it can think of; to who may do little, it only
// tells. It gets most rows wrong.
type leaking struct {
	mu     sync.Mutex
	tokens []string
}

func (g *leaking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json")
	if strings.Contains(string(body), "scan-limited") {
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(w).Encode(map[string]any{"error_code": strings.Join(spellings(scannedPassword), "\n")})
		return
	}
	g.mu.Lock()
	token := fmt.Sprintf("scan%d/%x+%s", len(g.tokens), len(g.tokens)*7919+13, strings.Repeat("Zq", 12))
	g.tokens = append(g.tokens, token)
	g.mu.Unlock()
	told := []string{string(body)}
	told = append(append(told, spellings(token)...), spellings(scannedPassword)...)
	w.Header().Set("X-Told", url.QueryEscape(token))
	w.Header().Set("X-"+base64.RawURLEncoding.EncodeToString([]byte(token)), token)
	w.Header().Add("Set-Cookie", "token="+url.QueryEscape(token))
	answer := map[string]any{
		"token": token, "validTo": "2030-01-01T00:00:00Z", "user": "root", "told": told,
		"zzz": strings.Repeat(token+scannedPassword, 80), // the last member, cut off in the evidence here or there
	}
	if r.Method == http.MethodDelete {
		w.WriteHeader(http.StatusTeapot)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// spellings are the forms in which a server may tell a secret.
func spellings(secret string) []string {
	quoted, _ := json.Marshal(secret)
	return []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), lowerPercent(url.QueryEscape(secret)),
		url.QueryEscape(url.QueryEscape(secret)), html.EscapeString(secret), strings.ReplaceAll(string(quoted), "/", `\/`),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte("user:" + secret + ":x")),
		hex.EncodeToString([]byte(secret)), fmt.Sprintf("%q", secret), fmt.Sprintf("%q", fmt.Sprintf("%q", secret)),
	}
}

// TestSecretScan looks for the secrets of a run in every format of its report, as
// they are and in the encodings that a wire or a page may give them.
func TestSecretScan(t *testing.T) {
	t.Parallel()
	server := &leaking{}
	front := httptest.NewServer(server)
	t.Cleanup(front.Close)
	text := fmt.Sprintf(`
name: "server of %[2]s"
subject: {url: %[1]q}
clock: {path: "/clock?by={seconds}", headers: {X-Clock-Key: scan-clock-key}}
dialects: {form: {accounts: {full: {login: scan-login, password: "${SCAN}"}, limited: {login: scan-limited, password: limited-secret-word}}}}
`, front.URL, "a scan")
	m, err := manifest.Parse("scan.yaml", []byte(text), func(string) (string, bool) { return scannedPassword, true })
	if err != nil {
		t.Fatal(err)
	}
	m.Name = "server with " + scannedPassword
	r, err := conformance.Run(t.Context(), m, conformance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Counts[report.Fail] < 3 || r.Counts[report.Warn] < 1 {
		t.Errorf("the server is hardly wrong: %v", r.Counts)
	}
	if len(server.tokens) < 100 {
		t.Errorf("only %d tokens were told", len(server.tokens))
	}
	if !slices.ContainsFunc(r.Findings, func(f report.Finding) bool { return strings.Contains(f.Cause, "[password-1]") }) {
		t.Errorf("the doctor found no secret: %v", r.Findings)
	}
	secrets := []string{scannedPassword, "scan-clock-key", "limited-secret-word"}
	for i := 0; i < len(server.tokens); i += len(server.tokens)/8 + 1 { // any will do
		secrets = append(secrets, server.tokens[i])
	}
	wantHidden(t, r, secrets)
}

// TestSecretScanOfTheDoctor: a clock that tells secrets in what it says instead of
// moving ends the run by a finding.
func TestSecretScanOfTheDoctor(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 500 not %s with %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", scannedPassword, r.Header.Get("X-Clock-Key"))
		_ = conn.Close()
	}))
	t.Cleanup(server.Close)
	m := newManifest(server.URL)
	m.Dialects.Form.Accounts.Full.Password = scannedPassword
	m.Clock = &manifest.Clock{Method: "POST", Path: "/clock", Body: "{seconds}", Headers: map[string]string{"X-Clock-Key": "scan-clock-key"}}
	r, err := conformance.Run(t.Context(), m, conformance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Conclusion != report.EnvironmentError || len(r.Findings) == 0 || r.Findings[0].Severity != report.Fatal ||
		!strings.Contains(r.Findings[0].Cause, `answered "500 not [password-1] with [header-1]"`) {
		t.Errorf("%s, found %v", r.Conclusion, r.Findings)
	}
	wantHidden(t, r, []string{scannedPassword, "scan-clock-key"})
}

// wantHidden looks for secrets in every format of a report.
func wantHidden(t *testing.T, r *report.Report, secrets []string) {
	t.Helper()
	for name, written := range everyFormat(t, r, features.FS) {
		if short := strings.Contains(name, "badge") || name == "difference" || r.Executed() == 0 && name != "JSON"; !short && !strings.Contains(written, "password-1") {
			t.Errorf("%s has no pseudonym; is there any evidence in it?", name)
		}
		for _, secret := range secrets {
			for _, form := range wireForms(secret) {
				if at := strings.Index(written, form); at >= 0 {
					t.Fatalf("%s shows %q: %s", name, form, written[max(0, at-80):min(len(written), at+len(form)+20)])
				}
			}
		}
	}
}

func lowerPercent(escaped string) string {
	return regexp.MustCompile(`%[0-9A-F]{2}`).ReplaceAllStringFunc(escaped, strings.ToLower)
}

// wireForms are the ways to write a secret, beside itself. What a format does
// to a text on top of that (escaping for HTML and JSON) is done once more.
func wireForms(secret string) []string {
	quoted, _ := json.Marshal(secret)
	inside := string(quoted[1 : len(quoted)-1])
	forms := []string{
		secret, inside, strings.ReplaceAll(inside, "/", `\/`), url.QueryEscape(secret), url.PathEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)),
		base64.RawStdEncoding.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(secret)),
		lowerPercent(url.QueryEscape(secret)), html.EscapeString(secret),
	}
	for _, form := range forms {
		again, _ := json.Marshal(form)
		forms = append(forms, html.EscapeString(form), string(again[1:len(again)-1]))
	}
	for _, part := range []string{secret[:10], secret[len(secret)-10:]} { // what a cut or a split leaves
		forms = append(forms, part, url.QueryEscape(part), html.EscapeString(part))
	}
	return forms
}
