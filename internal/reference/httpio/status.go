package httpio

import "net/http"

// StatusRecorder is an [http.ResponseWriter] that records the status of an answer
// and, when it is passed to a [Router], the route that gave it.
type StatusRecorder struct {
	http.ResponseWriter
	onStatus func(status int)
	status   int
	route    string
}

// NewStatusRecorder returns a recorder around w. It calls onStatus once, just
// before the header of the answer is sent; nil: nothing is called.
func NewStatusRecorder(w http.ResponseWriter, onStatus func(status int)) *StatusRecorder {
	return &StatusRecorder{ResponseWriter: w, onStatus: onStatus}
}

// Status returns the status of the answer; 200 when the handler has set none, as
// net/http sends it.
func (s *StatusRecorder) Status() int {
	if s.status == 0 {
		return http.StatusOK
	}
	return s.status
}

// Route returns the method and the path of the route, such as "GET /users/:id", or
// "" when there is none.
func (s *StatusRecorder) Route() string { return s.route }

// WriteHeader implements [http.ResponseWriter].
func (s *StatusRecorder) WriteHeader(status int) {
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols { // other 1xx precede the answer
		s.record(status)
	}
	s.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (s *StatusRecorder) Write(body []byte) (int, error) {
	s.record(http.StatusOK)
	return s.ResponseWriter.Write(body)
}

// FlushError is for [http.ResponseController].
func (s *StatusRecorder) FlushError() error {
	s.record(http.StatusOK)
	return http.NewResponseController(s.ResponseWriter).Flush()
}

// Unwrap is for [http.ResponseController].
func (s *StatusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// record records the first status.
func (s *StatusRecorder) record(status int) {
	if s.status != 0 {
		return
	}
	s.status = status
	if s.onStatus != nil {
		s.onStatus(status)
	}
}
