// Package evidence keeps what went over the wire while a scenario ran, so that
// a verdict can show it. It knows which values are secret and never hands them
// out. It judges nothing.
package evidence

import (
	"fmt"
	"net/http"
	"slices"
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

// maxShown bounds what a report shows of a log: floods (200 logins) show their
// first and last. shownBody bounds a body, in bytes.
const (
	maxShown  = 40
	shownBody = 8 << 10
)

// Log collects the exchanges of one scenario, in the order in which they
// began. The zero Log is ready; it is safe for concurrent use.
type Log struct {
	mu        sync.Mutex
	exchanges []Exchange
}

// Add keeps an exchange that has just ended.
func (l *Log) Add(e Exchange) {
	if e.Began.IsZero() {
		e.Began = time.Now().Add(-e.Took).UTC()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.exchanges = append(l.exchanges, e)
}

// Drop forgets all exchanges.
func (l *Log) Drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.exchanges = nil
}

// Exchanges returns all of them, with every secret replaced by its pseudonym.
func (l *Log) Exchanges(secrets *Secrets) []Exchange {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]Exchange, len(l.exchanges))
	for i, e := range l.exchanges {
		all[i] = secrets.hide(e)
	}
	slices.SortStableFunc(all, func(a, b Exchange) int { return a.Began.Compare(b.Began) })
	return all
}

// Ends returns the exchanges that a report shows, the first and the last of many, with
// their bodies shortened, and how many are left out between them.
func Ends(all []Exchange) (shown []Exchange, dropped int) {
	shown = slices.Clone(all)
	if len(all) > maxShown {
		const half = maxShown / 2
		shown, dropped = slices.Concat(all[:half], all[len(all)-half:]), len(all)-maxShown
	}
	for i := range shown {
		shown[i].RequestBody = Shorten(shown[i].RequestBody, shownBody)
		shown[i].ResponseBody = Shorten(shown[i].ResponseBody, shownBody)
	}
	return shown, dropped
}

// Shorten cuts a text after longest bytes, and says how long it was.
func Shorten(text string, longest int) string {
	if len(text) <= longest {
		return text
	}
	return fmt.Sprintf("%s%s (%d bytes in all)", text[:longest], cutMark, len(text))
}

// Last is the exchange that ended last, and false where there is none.
func (l *Log) Last() (Exchange, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.exchanges) == 0 {
		return Exchange{}, false
	}
	return l.exchanges[len(l.exchanges)-1], true
}
