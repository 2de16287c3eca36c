// Package evidence keeps what went over the wire while a scenario ran, so that
// a verdict can show it. It knows which values are secret and never hands them
// out. It judges nothing.
package evidence

import (
	"net/http"
	"sync"
	"time"
)

// Exchange is one request and its answer.
type Exchange struct {
	Transport      string        `json:"transport"` // "http", "grpc" or "clock": the subject's time was moved
	Method         string        `json:"method"`    // HTTP method, or full gRPC method
	URL            string        `json:"url"`       // for gRPC the address
	RequestHeader  http.Header   `json:"request_header,omitempty"`
	RequestBody    string        `json:"request_body,omitempty"` // gRPC: JSON form
	Status         string        `json:"status,omitempty"`       // "200 OK", or "UNAUTHENTICATED"
	ResponseHeader http.Header   `json:"response_header,omitempty"`
	ResponseBody   string        `json:"response_body,omitempty"`
	Error          string        `json:"error,omitempty"` // why no answer came
	Began          time.Time     `json:"began"`           // by the judge's own time
	Took           time.Duration `json:"took_ns"`
}

// maxExchanges bounds a log; floods (200 logins) keep their first and last.
const maxExchanges = 40

// Log collects the exchanges of one scenario. The zero Log is ready; it is
// safe for concurrent use.
type Log struct {
	mu        sync.Mutex
	exchanges []Exchange
	dropped   int
}

// Add keeps an exchange that has just ended. A long log drops from its middle.
func (l *Log) Add(e Exchange) {
	if e.Began.IsZero() {
		e.Began = time.Now().Add(-e.Took).UTC()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.exchanges) >= maxExchanges {
		half := maxExchanges / 2
		l.exchanges = append(l.exchanges[:half], l.exchanges[half+1:]...)
		l.dropped++
	}
	l.exchanges = append(l.exchanges, e)
}

// Exchanges returns what was kept, with every secret replaced by its
// pseudonym, and how many exchanges were dropped from the middle.
func (l *Log) Exchanges(secrets *Secrets) (kept []Exchange, dropped int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept = make([]Exchange, len(l.exchanges))
	for i, e := range l.exchanges {
		kept[i] = secrets.hide(e)
	}
	return kept, l.dropped
}
