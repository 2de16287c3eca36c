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
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// DoOversized does one exchange with a request that the subject is expected to
// cut short. A server may answer while the request is still being sent, close
// at once and so break the sending; the answer counts all the same. That is
// more than an http.Transport promises, so this speaks over a connection of
// its own. Where the answer is lost in a reset, it tries again.
func (c *Client) DoOversized(ctx context.Context, r Request) (*Answer, error) {
	const tries = 4
	var failed error
	for range tries {
		answer, err := c.doOversizedOnce(ctx, r)
		if err == nil {
			return answer, nil
		}
		failed = err
		if ctx.Err() != nil {
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
	connection, err := c.dial(ctx, httpRequest.URL)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r, err)
	}
	closeConnection := func() { _ = connection.Close() }
	defer context.AfterFunc(ctx, closeConnection)()

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
	sent := make(chan struct{})
	go func() { // ends when the connection is closed; being cut short is no failure
		defer close(sent)
		_ = httpRequest.Write(connection)
	}()
	defer func() {
		closeConnection()
		<-sent
	}()
	bounded := io.LimitReader(connection, MaxHeader+maxAnswer) // the body's own bound comes earlier
	response, err := finalResponse(bufio.NewReader(bounded), httpRequest)
	if err != nil {
		err = briefly(err)
		shown.Error = err.Error()
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
