package mockserver

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/reference/clock"
)

// maxJournal is how many requests the journal keeps.
const maxJournal = 10_000

// Request is one exchange in the journal: a request and its answer, without
// secrets. A secret is shown by a name that stays the same, such as [token-3].
type Request struct {
	// At is the time of the mock when the request arrived.
	At time.Time `json:"at"`
	// Method is the HTTP method, or "gRPC".
	Method string `json:"method"`
	// Path is the path without the query; over gRPC the full method, such as
	// /axxonsoft.bl.auth.AuthenticationService/CloseSession.
	Path string `json:"path"`
	// Query is the query without the question mark.
	Query string `json:"query,omitempty"`
	// RPC is the method that a POST /grpc names; otherwise empty.
	RPC string `json:"rpc,omitempty"`
	// Host is the host that the client named.
	Host string `json:"host,omitempty"`

	// Dialect is the dialect of the path; empty with [Other] and routes of
	// [Server.Handle].
	Dialect string `json:"dialect,omitempty"`
	// Operation is what the request does with tokens.
	Operation Operation `json:"operation"`
	// Attempt counts the requests of the operation, this one included.
	Attempt int `json:"attempt"`
	// Session names the session that the request belongs to, or that it began,
	// such as "session-1". Empty: it presented no token that the mock issued.
	Session string `json:"session,omitempty"`
	// Token names the token that it presented, such as "token-3". A request with
	// two tokens, as a refresh of the session dialect, shows the single-use one.
	Token string `json:"token,omitempty"`
	// Generation is that of the token: 1 from a login, then one more by each
	// renewal. When the request arrived, Newest was the newest of the session, and
	// Used the newest that the client had used in a request that was granted.
	Generation int `json:"generation,omitempty"`
	Newest     int `json:"newest,omitempty"`
	Used       int `json:"used,omitempty"`

	// Fault is the effect of the fault that the request met; empty: none.
	Fault Effect `json:"fault,omitempty"`
	// Status is the HTTP status that the server decided on; over gRPC the code (0
	// is OK). A fault can keep it from the client. Over HTTP it is 0 where a fault
	// or the client ended the connection, or the mock was closed, before the server saw it.
	Status int `json:"status"`
	// RequestHeader and ResponseHeader are the headers, over gRPC the metadata.
	RequestHeader  http.Header `json:"request_header,omitempty"`
	ResponseHeader http.Header `json:"response_header,omitempty"`
	// RequestBody and ResponseBody are the first 4 KiB of the bodies, over gRPC the
	// messages as JSON.
	RequestBody  string `json:"request_body,omitempty"`
	ResponseBody string `json:"response_body,omitempty"`
}

// Succeeded says whether the server granted the request, whatever a fault made of
// the answer.
func (r Request) Succeeded() bool {
	if r.Method == grpcMethod {
		return r.Status == 0
	}
	return r.Status >= 200 && r.Status < 300
}

// String is the request in one line, as messages of assertions show it.
func (r Request) String() string {
	var b strings.Builder
	write := func(parts ...string) {
		for _, part := range parts {
			if part != "" {
				b.WriteString(" " + part)
			}
		}
	}
	b.WriteString(r.At.UTC().Format("15:04:05.000"))
	write(r.Method, r.Path, r.RPC, string(r.Operation), r.Session, r.Token)
	b.WriteString(" -> " + statusText(r))
	if r.Fault != "" {
		b.WriteString(" (fault: " + string(r.Fault) + ")")
	}
	return b.String()
}

// journal holds the exchanges of both transports. It is safe for concurrent use.
type journal struct {
	clock clock.Clock

	mu       sync.Mutex
	list     []Request
	pending  []func(*Request)  // redactions of the last entries, which nobody has read yet
	attempts map[Operation]int // requests that have arrived
	answered map[Operation]int // those of entries, dropped ones included
	changed  chan struct{}     // closed and replaced when an entry is added
}

func newJournal(c clock.Clock) *journal {
	return &journal{clock: c, attempts: map[Operation]int{}, answered: map[Operation]int{}, changed: make(chan struct{})}
}

// arrived counts a request of an operation.
func (j *journal) arrived(o Operation) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.attempts[o]++
	return j.attempts[o]
}

// maxPending is how many entries wait for their redaction at most.
const maxPending = 128

// add appends an entry. Redact writes what the exchange holds into it, without secrets; it
// is called before the entry is read, and soon after add if now is set. Most entries are
// never read.
func (j *journal) add(r Request, redact func(*Request), now bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.list) >= maxJournal {
		j.list = slices.Delete(j.list, 0, maxJournal/10)
	}
	j.answered[r.Operation]++
	j.list, j.pending = append(j.list, r), append(j.pending, redact)
	if now || len(j.pending) >= maxPending {
		j.redactPending()
	}
	close(j.changed)
	j.changed = make(chan struct{})
}

// redact redacts all entries. What is given a name after it comes later in their order.
func (j *journal) redact() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.redactPending()
}

func (j *journal) redactPending() {
	first := len(j.list) - len(j.pending)
	for i, redact := range j.pending {
		redact(&j.list[first+i])
	}
	clear(j.pending)
	j.pending = j.pending[:0]
}

func (j *journal) entries() []Request {
	list, _ := j.seen()
	return list
}

// seen returns the entries, and a channel that is closed with the next one.
func (j *journal) seen() ([]Request, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.redactPending()
	return slices.Clone(j.list), j.changed
}

// next returns a channel that is closed with the next entry.
func (j *journal) next() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.changed
}

// count returns how many requests of an operation have been answered.
func (j *journal) count(o Operation) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.answered[o]
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.redactPending() // what it has shown keeps its name
	j.list = nil
	clear(j.attempts)
	clear(j.answered)
}
