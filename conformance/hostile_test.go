//go:build !race

package conformance_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
)

// grantsAll is an answer to any request, with a token under each name.
func grantsAll(token string) string {
	return fmt.Sprintf(`{"token":%q,"id_token":%[1]q,"access_token":%[1]q,"lgn":%[1]q,"validTo":"2036-01-01T00:00:00Z"}`, token)
}

// rawAnswer writes to the connection itself, again and again until it breaks
// where the text is endless.
func rawAnswer(text string, endless bool, end func(*net.TCPConn)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		for _, err = io.WriteString(conn, text); endless && err == nil; {
			_, err = io.WriteString(conn, text)
		}
		if end != nil {
			end(conn.(*net.TCPConn))
		}
		_ = conn.Close()
	}
}

const hostile = "<script>alert(1)</script>\x1b[31m\x1b]0;title\x07\u202e\u2066\x00\r\n##vso[task.complete]\n::error::no\n"

// TestHostileSubjects: whatever a subject answers, the run ends with the right
// conclusion, and its reports are bounded and harmless. What it does is one thing
// after another on megabytes of text, so it runs without the race detector.
func TestHostileSubjects(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	packer := gzip.NewWriter(&bomb)
	for range 64 {
		_, _ = packer.Write(make([]byte, 1<<20))
	}
	_ = packer.Close()
	answers := func(status int, body string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header()[header[i]] = []string{header[i+1]}
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	const large = 1 << 20
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    report.Conclusion
	}{
		"accepts everything":    {answers(200, grantsAll("abcdefghijklmnop")), report.NonConformant},
		"rejects everything":    {answers(401, `{"error":"no"}`), report.EnvironmentError},
		"fails always":          {answers(500, `{"error":"no"}`), report.NonConformant},
		"is always busy":        {answers(429, `{}`, "Retry-After", "99999999999"), report.EnvironmentError},
		"one letter":            {answers(200, grantsAll("a")), report.NonConformant},
		"a token of a megabyte": {answers(200, grantsAll(strings.Repeat("t", large))), report.EnvironmentError},
		"many tokens":           {answers(200, `{"a":[`+strings.Repeat(`{"token":"abcdefghijklmnop"},`, 10_000)+`1]}`), report.EnvironmentError},
		"a deep value":          {answers(200, strings.Repeat("[", large)), report.NonConformant},
		"a bomb":                {answers(200, bomb.String(), "Content-Encoding", "gzip"), report.EnvironmentError},
		"an unknown coding":     {answers(200, "{}", "Content-Encoding", "sdch"), report.EnvironmentError},
		"other text":            {answers(200, "\xff\xfe{\x00}\x00"), report.NonConformant},
		"hostile text":          {answers(200, grantsAll(hostile), "X-Evil", "\u202e<script>alert(1)</script>"), report.NonConformant},
		"hostile name":          {answers(200, grantsAll("abcdefghijklmnop"), "X-<script>", "a"), report.NonConformant},
		"a megabyte of header":  {answers(200, "{}", "X-A", strings.Repeat("x", large)), report.EnvironmentError},
		"a hostile status":      {rawAnswer("HTTP/1.1 200 \x1b[31m<script>alert(1)</script>\u202e\r\nContent-Length: 2\r\n\r\n{}", false, nil), report.NonConformant},
		"no HTTP":               {rawAnswer(strings.Repeat(hostile, 100), false, nil), report.EnvironmentError},
		"cut off":               {rawAnswer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"token\":\"abcdefghijkl", false, nil), report.EnvironmentError},
		"reset":                 {rawAnswer("", false, func(conn *net.TCPConn) { _ = conn.SetLinger(0) }), report.EnvironmentError},
		"endless body":          {rawAnswer("HTTP/1.1 200 OK\r\n\r\n"+strings.Repeat("x", large), true, nil), report.EnvironmentError},
		"endless header":        {rawAnswer("HTTP/1.1 200 OK\r\nX-A: "+strings.Repeat("x", large), true, nil), report.EnvironmentError},
		"endless hints":         {rawAnswer("HTTP/1.1 103 Early Hints\r\n\r\n", true, nil), report.EnvironmentError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.handler)
			t.Cleanup(server.Close)
			r, err := conformance.Run(t.Context(), newManifest(server.URL), conformance.Options{Profile: "core", Timeout: 20 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			if r.Conclusion != test.want {
				t.Errorf("got %s, want %s: %v", r.Conclusion, test.want, r.Errors)
			}
			for form, write := range reportForms(r) {
				var out bytes.Buffer
				if err := write(&out); err != nil {
					t.Errorf("%s: %v", form, err)
				}
				if err := harmless(form, out.String()); err != nil {
					t.Errorf("%s: %v", form, err)
				}
			}
		})
	}
}

// harmless wants a text that neither a terminal nor a browser nor a CI acts on.
func harmless(form, text string) error {
	const most = 8 << 20
	at := strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
	})
	switch {
	case len(text) > most:
		return fmt.Errorf("it has %d bytes", len(text))
	case at >= 0:
		return fmt.Errorf("it holds %q", text[max(0, at-60):min(len(text), at+20)])
	case (form == "html" || form == "badge") && strings.Contains(text, "<script>alert"):
		return errors.New("it holds a script of the subject's")
	case form != "messages" && form != "json" && strings.Contains(text, "\n##vso["), form != "annotations" && strings.Contains(text, "\n::error::no"):
		return errors.New("it holds a command for a CI")
	}
	return nil
}
