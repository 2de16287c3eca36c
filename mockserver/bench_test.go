package mockserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// BenchmarkStart starts and closes a mock, beside a server of httptest that answers
// nothing.
func BenchmarkStart(b *testing.B) {
	b.Run("httptest", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			httptest.NewServer(http.NotFoundHandler()).Close()
		}
	})
	for _, dialects := range [][]string{{"session"}, {"session", "form", "rpc", "scoped"}} {
		b.Run(strings.Join(dialects, "+"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mock, err := mockserver.Start(mockserver.WithDialects(dialects...))
				if err != nil {
					b.Fatal(err)
				}
				if err := mock.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkUse starts a server, logs in, refreshes and closes it, beside a server of
// httptest whose handler answers the same bodies.
func BenchmarkUse(b *testing.B) {
	tokens := `{"token_type":"Bearer","expires_in":600,"access_token":"a","refresh_token":"r"}`
	canned := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, tokens)
	})
	b.Run("httptest", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			server := httptest.NewServer(canned)
			logInAndRefresh(b, server.Client(), server.URL)
			server.Close()
		}
	})
	b.Run("mock", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			mock, err := mockserver.Start(mockserver.WithDialects("session"))
			if err != nil {
				b.Fatal(err)
			}
			logInAndRefresh(b, mock.Client(), mock.URL)
			if err := mock.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func logInAndRefresh(b *testing.B, client *http.Client, url string) {
	b.Helper()
	post := func(path, body, bearer string) (access, refresh string) {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url+path, strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+bearer)
		resp, err := client.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		parts := strings.Split(string(text), `"`)
		if err != nil || resp.StatusCode != http.StatusOK || len(parts) < 14 {
			b.Fatalf("%s: %d %s (%v)", path, resp.StatusCode, text, err)
		}
		return parts[9], parts[13]
	}
	access, refresh := post("/sessions", login, "")
	post("/tokens", `{"refresh_token":"`+refresh+`"}`, access)
}
