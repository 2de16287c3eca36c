package exchange

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// Client does exchanges with a subject, for one scenario or for the doctor, and
// keeps each in the evidence. It is safe for concurrent use.
type Client struct {
	Subject     *Subject
	DialectName string // session, form, rpc or scoped; "" where none is spoken
	Log         *evidence.Log

	slowest atomic.Int64 // how long the slowest exchange took, as a time.Duration
}

// NewClient has no exchange done yet.
func NewClient(subject *Subject, dialect string, log *evidence.Log) *Client {
	return &Client{Subject: subject, DialectName: dialect, Log: log}
}

// Slowest is how long the slowest exchange took by now.
func (c *Client) Slowest() time.Duration { return time.Duration(c.slowest.Load()) }

func (c *Client) took(d time.Duration) {
	replace(&c.slowest, d, func(slowest time.Duration) bool { return d > slowest })
}

// doOnce does one exchange over HTTP, at the declared pace. It is an error when
// no answer comes at all.
func (c *Client) doOnce(ctx context.Context, r Request) (*Answer, error) {
	done, err := c.Subject.Pace.begin(ctx, c.isLogin(r))
	if err != nil {
		return nil, err
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, c.Subject.timeout())
	defer cancel()
	httpRequest, err := c.newHTTPRequest(ctx, r)
	if err != nil {
		return nil, err
	}
	shown := evidence.Exchange{
		Transport: "http", Method: r.Method, URL: httpRequest.URL.String(),
		RequestHeader: r.Header, RequestBody: evidence.Shorten(r.Body, keptRequest),
	}
	c.hideRequest(r)
	answer := &Answer{Request: r, Before: c.Subject.Clock.Now(), Undated: c.Subject.DateStands.Load()}
	answer.again = func(ctx context.Context, c *Client) (*Answer, error) { return c.Do(ctx, r.bare()) }
	started := time.Now()
	defer func() {
		shown.Took = time.Since(started)
		c.Log.Add(shown)
	}()
	response, err := c.Subject.Transport.RoundTrip(httpRequest)
	if err != nil {
		err = briefly(err)
		shown.Error = err.Error()
		return nil, fmt.Errorf("%s got no answer: %w", r, cause(ctx, err))
	}
	defer func() { _ = response.Body.Close() }()
	body, err := readBody(response)
	answer.Status, answer.Header, answer.Body = response.StatusCode, response.Header, string(body)
	answer.After, answer.Took = c.Subject.Clock.Now(), time.Since(started)
	c.took(answer.Took)
	much := c.hideAnswer(answer)
	c.show(&shown, response.Status, answer)
	if much != nil {
		shown.Error = much.Error()
		return nil, fmt.Errorf("%s: %w", r, much)
	}
	if err != nil {
		err = briefly(err)
		shown.Error = err.Error()
		return nil, fmt.Errorf("%s: the answer broke off: %w", r, cause(ctx, err))
	}
	return answer, nil
}

// newHTTPRequest makes the request for net/http. Each asks for its connection
// to be closed, because a POST on a kept connection is lost where a server
// closes it without saying so.
func (c *Client) newHTTPRequest(ctx context.Context, r Request) (*http.Request, error) {
	httpRequest, err := http.NewRequestWithContext(ctx, r.Method, c.Subject.HTTP+r.Path, strings.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r, err)
	}
	if r.Body == "" {
		httpRequest.Body = http.NoBody
		httpRequest.ContentLength = 0
	}
	for name, values := range r.Header {
		httpRequest.Header[name] = values
	}
	if httpRequest.Header.Get("Accept-Encoding") == "" {
		httpRequest.Header.Set("Accept-Encoding", identity)
	}
	httpRequest.Close = true
	return httpRequest, nil
}

// cause names the timeout where that is what ended an exchange.
func cause(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%w (timed out)", err)
	}
	return err
}

// show puts an answer into the evidence.
func (c *Client) show(shown *evidence.Exchange, status string, a *Answer) {
	k := &c.Subject.kept
	shown.Status, shown.ResponseHeader, shown.ResponseBody = k.part(status, keptValue), k.header(a.Header), k.part(a.Body, keptBody)
}
