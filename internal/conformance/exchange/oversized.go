package exchange

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// DoOversized does one exchange with a request that the subject is expected to
// cut short. A server may answer while the request is still being sent, close
// at once and so break the sending; the answer counts anyway. That is
// more than an http.Transport promises, so this speaks over a connection of
// its own. Where the answer is lost in a reset, it tries again. It waits as [Client.Do]
// does.
func (c *Client) DoOversized(ctx context.Context, r Request) (*Answer, error) {
	return afterWaits(ctx, func() (*Answer, error) { return c.doOversized(ctx, r) })
}

func (c *Client) doOversized(ctx context.Context, r Request) (*Answer, error) {
	const tries = 4
	var failed error
	for range tries {
		answer, err := c.doOversizedOnce(ctx, r)
		if err == nil {
			return answer, nil
		}
		failed = err
		if unsent(err) != nil || ctx.Err() != nil {
			break
		}
	}
	return nil, failed
}

func (c *Client) doOversizedOnce(ctx context.Context, r Request) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Subject.timeout())
	defer cancel()
	httpRequest, err := c.newHTTPRequest(ctx, r)
	if err != nil {
		return nil, err
	}
	c.hideRequest(r)
	answer := &Answer{
		Request: r, Before: c.Subject.Clock.Now(),
		again: func(ctx context.Context, c *Client) (*Answer, error) { return c.Do(ctx, r.bare()) },
	}
	shown := evidence.Exchange{
		Transport: "http", Method: r.Method, URL: httpRequest.URL.String(),
		RequestHeader: shortHeader(r.Header), RequestBody: evidence.Shorten(evidence.Abbreviate(r.Body), keptRequest),
	}
	started := time.Now()
	defer func() {
		shown.Took = time.Since(started)
		c.Log.Add(shown)
	}()
	response, end, err := c.sendOversized(ctx, httpRequest)
	defer end()
	if err != nil {
		err = briefly(err)
		shown.Error = err.Error()
		if untried := unsent(err); untried != nil {
			return nil, untried
		}
		return nil, fmt.Errorf("%s with an oversized request: expected an answer, got a closed connection: %w",
			r, cause(ctx, err))
	}
	defer func() { _ = response.Body.Close() }()
	// The status has been said; a reset while the body still comes takes
	// nothing from it.
	body, err := readBody(response)
	if err != nil {
		shown.Error = briefly(err).Error()
	}
	answer.Status, answer.Header, answer.Body = response.StatusCode, response.Header, string(body)
	answer.After, answer.Took = c.Subject.Clock.Now(), time.Since(started)
	err = c.hideAnswer(answer)
	c.show(&shown, response.Status, answer)
	if err != nil {
		shown.Error = err.Error()
		return nil, fmt.Errorf("%s with an oversized request: %w", r, err)
	}
	return answer, nil
}

// sendOversized sends a request and reads the answer's header while it is still being
// sent. Whoever has read the answer calls end, also after an error.
func (c *Client) sendOversized(ctx context.Context, r *http.Request) (response *http.Response, end func(), err error) {
	if c.Subject.HTTP2 {
		response, err = c.sendByHTTP2(r)
		return response, func() {}, err
	}
	connection, err := c.dial(ctx, r.URL)
	if err != nil {
		return nil, func() {}, err
	}
	closeConnection := func() { _ = connection.Close() }
	stop := context.AfterFunc(ctx, closeConnection)
	sent := make(chan struct{})
	go func() { // ends when the connection is closed; being cut short is no failure
		defer close(sent)
		_ = r.Write(connection)
	}()
	end = func() {
		stop()
		closeConnection()
		<-sent
	}
	bounded := io.LimitReader(connection, MaxHeader+maxAnswer) // the body's own bound comes earlier
	response, err = finalResponse(bufio.NewReader(bounded), r)
	return response, end, err
}

// sendByHTTP2 sends a request over a connection on which there has been an answer: only
// then is it known what the subject announces about itself.
func (c *Client) sendByHTTP2(r *http.Request) (*http.Response, error) {
	first, err := http.NewRequestWithContext(r.Context(), http.MethodGet, c.Subject.HTTP+"/", http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := c.Subject.Transport.RoundTrip(first)
	if err != nil {
		return nil, err
	}
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer) // nobody wants it
	_ = response.Body.Close()
	r.Close = false
	return c.Subject.Transport.RoundTrip(r)
}

// unsent is an *UntriedError where err says that a header was not sent, because the
// subject has announced over HTTP/2 that it is too long (RFC 9113 6.5.2).
func unsent(err error) error {
	if untried := new(UntriedError); errors.As(err, &untried) {
		return untried
	}
	if !strings.Contains(err.Error(), "request header list larger than peer's advertised limit") { // net/http's, without a name
		return nil
	}
	return &UntriedError{Why: "the subject announces over HTTP/2 (SETTINGS_MAX_HEADER_LIST_SIZE) that it takes no header of that size, so none is sent"}
}

// finalResponse skips interim answers (RFC 9110 15.2), a few of them.
func finalResponse(from *bufio.Reader, to *http.Request) (*http.Response, error) {
	const most = 20
	for range most {
		response, err := http.ReadResponse(from, to)
		if err != nil || response.StatusCode >= http.StatusOK || response.StatusCode == http.StatusSwitchingProtocols {
			return response, err
		}
		_ = response.Body.Close() // interim answers have none
	}
	return nil, fmt.Errorf("more than %d interim answers came, and no final one", most)
}

// dial connects to the subject as its transport would.
func (c *Client) dial(ctx context.Context, target *url.URL) (net.Conn, error) {
	address := target.Host
	if target.Port() == "" {
		port := "80"
		if target.Scheme == "https" {
			port = "443"
		}
		address = net.JoinHostPort(target.Hostname(), port)
	}
	connection, err := c.Subject.dial(ctx, "tcp", address)
	if err != nil || target.Scheme != "https" {
		return connection, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if transport, ok := c.Subject.Transport.(*http.Transport); ok && transport.TLSClientConfig != nil {
		config = transport.TLSClientConfig.Clone()
	}
	config.NextProtos = []string{"http/1.1"}
	if config.ServerName == "" {
		config.ServerName = target.Hostname()
	}
	secured := tls.Client(connection, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, connection.Close())
	}
	return secured, nil
}

// dial opens a connection to the subject.
func (s *Subject) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if s.Dial == nil {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	return s.Dial(ctx, network, address)
}

// shortHeader is a header as the evidence shows it, filler abbreviated.
func shortHeader(header http.Header) http.Header {
	short := header.Clone()
	for name, values := range short {
		for i, value := range values {
			short[name][i] = evidence.Abbreviate(value)
		}
	}
	return short
}
