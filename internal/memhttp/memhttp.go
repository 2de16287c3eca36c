// Package memhttp serves HTTP requests in memory, without a network: for tests, mocks and
// test kits. It links neither testing nor net/http/httptest. What a real connection
// does (time limits, limits of headers, reuse) it does not show.
package memhttp

import (
	"io"
	"net/http"
)

// clientAddress is the address of every client (RFC 5737).
const clientAddress = "192.0.2.9:4711"

// Transport returns an [http.RoundTripper] that calls a handler in the goroutine of
// the client. The handler sees a request as from a server of net/http. When the
// context of the request has ended, also during the call, its error is returned.
func Transport(handler http.Handler) http.RoundTripper { return transport{handler} }

type transport struct{ handler http.Handler }

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(sent *http.Request) (*http.Response, error) {
	received := sent.Clone(sent.Context())
	if received.Body == nil {
		received.Body = http.NoBody
	}
	defer func() { _ = received.Body.Close() }()
	if err := sent.Context().Err(); err != nil {
		return nil, err
	}
	received.RequestURI, received.RemoteAddr = sent.URL.RequestURI(), clientAddress
	if received.Host == "" {
		received.Host = sent.URL.Host
	}
	recorder := NewRecorder()
	t.handler.ServeHTTP(recorder, received)
	if err := sent.Context().Err(); err != nil {
		return nil, err
	}
	_, _ = io.Copy(io.Discard, received.Body) // a client sends all of it
	return recorder.Response(sent), nil
}
