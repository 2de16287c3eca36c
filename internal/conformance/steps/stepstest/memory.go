package stepstest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// inMemory carries requests to a handler without a network, as far as a handler
// can tell. Runs that break an office in one way after another use it, for
// connections are what costs most in them; the runs of right offices go over a
// real one.
type inMemory struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (m inMemory) RoundTrip(sent *http.Request) (*http.Response, error) {
	r := sent.Clone(sent.Context())
	r.RequestURI, r.RemoteAddr, r.Host = sent.URL.RequestURI(), "127.0.0.1:49152", sent.URL.Host
	if r.Body == nil {
		r.Body = http.NoBody
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", "Go-http-client/1.1")
	}
	answer := httptest.NewRecorder()
	answer.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	m.handler.ServeHTTP(answer, r)
	_, _ = io.Copy(io.Discard, r.Body)
	return answer.Result(), sent.Context().Err()
}

// aboutTheWire says whether a run has rows that need a real connection.
func aboutTheWire(tags string) bool { return !strings.Contains(tags, "~@SEC-06") }
