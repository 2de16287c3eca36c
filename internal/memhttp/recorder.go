package memhttp

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// Recorder is an [http.ResponseWriter] that holds the answer in memory. It is not
// safe for concurrent use.
type Recorder struct {
	header http.Header
	sent   http.Header // the header as it was when the status was set
	status int
	body   bytes.Buffer
}

// NewRecorder returns an empty recorder.
func NewRecorder() *Recorder { return &Recorder{header: http.Header{}} }

// Header implements [http.ResponseWriter].
func (r *Recorder) Header() http.Header { return r.header }

// WriteHeader implements [http.ResponseWriter]. Statuses that precede the answer
// (1xx) are ignored, and so are all after the first.
func (r *Recorder) WriteHeader(status int) {
	if r.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		r.status, r.sent = status, r.header.Clone()
	}
}

// Write implements [http.ResponseWriter].
func (r *Recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

// Flush implements [http.Flusher].
func (r *Recorder) Flush() { r.WriteHeader(http.StatusOK) }

// Status returns the status of the answer; 200 when the handler has set none.
func (r *Recorder) Status() int {
	r.WriteHeader(http.StatusOK)
	return r.status
}

// Body returns the body so far.
func (r *Recorder) Body() []byte { return r.body.Bytes() }

// Response returns the answer as a client of net/http gets it.
func (r *Recorder) Response(request *http.Request) *http.Response {
	status := r.Status()
	body := r.body.Bytes()
	if request.Method == http.MethodHead {
		body = nil
	}
	return &http.Response{
		Status: fmt.Sprintf("%03d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: r.sent.Clone(), Request: request,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}
}
