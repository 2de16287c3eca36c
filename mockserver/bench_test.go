package mockserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// BenchmarkStart starts and closes a mock, beside a server of httptest that answers
// nothing.
func BenchmarkStart(b *testing.B) {
	baseline := func(*testing.B) { httptest.NewServer(http.NotFoundHandler()).Close() }
	b.Run("httptest", repeated(baseline))
	for _, dialects := range [][]string{{"session"}, {"session", "form", "rpc", "scoped"}} {
		started := func(b *testing.B) {
			mock, err := mockserver.Start(mockserver.WithDialects(dialects...))
			if err != nil {
				b.Fatal(err)
			}
			if err := mock.Close(); err != nil {
				b.Fatal(err)
			}
		}
		name := strings.Join(dialects, "+")
		b.Run(name, repeated(started))
		b.Run(name+"/by_turns", byTurns(baseline, started))
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
	baseline := func(b *testing.B) {
		server := httptest.NewServer(canned)
		logInAndRefresh(b, server.Client(), server.URL)
		server.Close()
	}
	mocked := func(b *testing.B) {
		mock, err := mockserver.Start(mockserver.WithDialects("session"))
		if err != nil {
			b.Fatal(err)
		}
		logInAndRefresh(b, mock.Client(), mock.URL)
		if err := mock.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("httptest", repeated(baseline))
	b.Run("mock", repeated(mocked))
	b.Run("by_turns", byTurns(baseline, mocked))
}

// repeated is a benchmark of one thing.
func repeated(measured func(*testing.B)) func(*testing.B) {
	return func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			measured(b)
		}
	}
}

// byTurns is a benchmark of how many times as long as a baseline a thing takes. Each port
// that is used makes the next harder to find, so that what is measured later takes longer;
// by turns, both meet the same number.
func byTurns(baseline, measured func(*testing.B)) func(*testing.B) {
	return func(b *testing.B) {
		var first, second time.Duration
		for b.Loop() {
			began := time.Now()
			baseline(b)
			between := time.Now()
			measured(b)
			first += between.Sub(began)
			second += time.Since(between)
		}
		b.ReportMetric(second.Seconds()/first.Seconds(), "times-baseline")
	}
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
