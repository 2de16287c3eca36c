package clientsuite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/drain"
	"github.com/dragoman-auth/dragoman/mockserver"
)

// Host judges clients that are not started by the judge, but pointed at it: each
// scenario has an address of its own, and waits there for the calls that a command would
// make. Its page, on the listener, lists them as JSON; POST /end ends the run, and so
// does the context of Run.
type Host struct {
	// IdleTime is how long no request comes before a call is taken to be over. It only
	// matters for calls that do not succeed. Default 2 s.
	IdleTime time.Duration

	mu       sync.Mutex
	offers   []*Offer
	ended    chan struct{}
	endTwice sync.Once
}

// Offer is an address at which a client is judged by one scenario.
type Offer struct {
	Row      string `json:"row"`
	Dialect  string `json:"dialect"`
	Scenario string `json:"scenario"`
	URL      string `json:"url"`
	Login    string `json:"login"`
	Password string `json:"password"`
	// Steps are those of the scenario; in each in which the client does something, your
	// tests do it.
	Steps []string `json:"steps"`
	// Waiting is the command that is waited for; empty: none is.
	Waiting string `json:"waiting,omitempty"`
	// Done is how many commands are over.
	Done int `json:"done"`
}

// hostedWithout is what a hosted client cannot be told to do, or not be watched at.
func hostedWithout() []Capability {
	return []Capability{Body, Stream, Crowd, Deadline, Early, Retry, Logout, Store, GRPC, Receive, TLS, Process}
}

// hostedTimeout is how long a hosted client may take to come.
const hostedTimeout = 24 * time.Hour

// NewHost returns a host. It does no I/O.
func NewHost() *Host { return &Host{IdleTime: 2 * time.Second, ended: make(chan struct{})} }

// End ends the run: what was not called by then is untestable.
func (h *Host) End() { h.endTwice.Do(func() { close(h.ended) }) }

// endTime is how long an answer of the page may take to go out when it ends, such as that to
// POST /end.
const endTime = 5 * time.Second

// Serve serves the page until ctx ends.
func (h *Host) Serve(ctx context.Context, listener net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(h.page()) // without the lock: the client may be slow
	})
	mux.HandleFunc("POST /end", func(w http.ResponseWriter, _ *http.Request) {
		h.End()
		w.WriteHeader(http.StatusNoContent)
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	if err := drain.Serve(ctx, server, listener, endTime); err != nil {
		return fmt.Errorf("serve the page: %w", err)
	}
	return nil
}

// page are the offers as JSON.
func (h *Host) page() []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	var page bytes.Buffer
	encoder := json.NewEncoder(&page)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(h.offers) //nolint:gosec // the passwords are those that tests are to use
	return page.Bytes()
}

// program is the client of one scenario.
func (h *Host) program(c *testCase) Program {
	offer := &Offer{Row: c.row.ID, Dialect: c.row.Dialect, Scenario: c.scenario.Name}
	for _, part := range c.scenario.Parts {
		offer.Steps = append(offer.Steps, part.Text)
	}
	return hosted{h, offer}
}

// hosted is a client that comes by itself.
type hosted struct {
	host  *Host
	offer *Offer
}

// Start implements [Program]: the address is offered, and commands are waited for.
func (p hosted) Start(ctx context.Context, env Environment) (Running, error) {
	h := p.host
	h.mu.Lock()
	p.offer.URL, p.offer.Login, p.offer.Password = env.URL, env.Login, env.Password
	h.offers = append(h.offers, p.offer)
	h.mu.Unlock()
	return Func(func(ctx context.Context, env Environment, in io.Reader, out, _ io.Writer) error {
		return p.obey(ctx, env, in, out)
	}).Start(ctx, env)
}

// wait notes what is waited for; "" says that nothing is, and that a command is over.
func (p hosted) wait(command string) {
	p.host.mu.Lock()
	defer p.host.mu.Unlock()
	if p.offer.Waiting = command; command == "" {
		p.offer.Done++
	}
}

// errOver says that a run has ended before a client came.
var errOver = errors.New("the run is over")

// obey answers commands by what comes to the mock.
func (p hosted) obey(ctx context.Context, env Environment, in io.Reader, out io.Writer) error {
	if _, err := fmt.Fprintln(out, wordReady); err != nil {
		return err
	}
	first := 0 // requests that belong to commands before
	for lines := newLines(in); lines.Scan(); {
		words := append(strings.Fields(lines.Text()), "", "")
		p.wait(lines.Text())
		answer := Answer{}
		var err error
		switch words[0] {
		case "call":
			answer, first, err = p.calls(ctx, env.mock, first, 1)
		case "parallel":
			answer, first, err = p.calls(ctx, env.mock, first, number(words[1]))
		case "wait":
			select {
			case <-time.After(time.Duration(number(words[1])) * time.Second):
			case <-ctx.Done():
			}
		}
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, answer); err != nil {
			return err
		}
		p.wait("")
	}
	return nil
}

// calls waits until so many calls have been answered by something else than 401, or
// calls have come and nothing more does. It looks at what came after the first requests,
// and returns how many there are then. The error is errOver where the run ends before that.
func (p hosted) calls(ctx context.Context, mock *mockserver.Server, first, n int) (Answer, int, error) {
	var idle <-chan time.Time
	over := false
	for seen := first; ; {
		requests := mock.Requests()
		for i := first; i <= len(requests); i++ {
			answer := outcomes(requests[first:i])
			if answer.Calls()-answer["401"] >= n {
				delete(answer, "401") // the calls that were made again
				return answer, i, nil
			}
		}
		if over {
			return nil, 0, errOver
		}
		if len(requests) > seen {
			seen, idle = len(requests), time.After(p.host.IdleTime)
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-idle:
			return outcomes(requests[first:]), len(requests), nil
		case <-p.host.ended:
			over = true
		case <-ctx.Done():
			over = true
		}
	}
}

// outcomes are those of the calls among requests.
func outcomes(requests []mockserver.Request) Answer {
	answer := Answer{}
	for _, r := range requests {
		switch {
		case r.Operation != mockserver.Resource:
		case r.Status == 0 || r.Fault == mockserver.LostReply:
			answer[wordError]++
		default:
			answer[strconv.Itoa(r.Status)]++
		}
	}
	return answer
}
