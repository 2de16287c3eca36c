package sdk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"time"

	"github.com/dragoman-auth/dragoman/internal/peek"
)

// transport is the http.RoundTripper that all of the client's requests go
// through: it presents the token, to the client's own origin only, and after a
// rejection sends the request again with the next token; see [succession].
type transport struct {
	base        http.RoundTripper
	coordinator *coordinator
	origin      matcher
	buffer      int64 // of request bodies that cannot be rewound otherwise
	liveness    liveness
	bounds      bounds
	retries     retries
}

// credentialHeaders never go to another origin when a redirect leads there.
// net/http itself removes the first three, and not on every way. It sets
// Referer, with the query.
var credentialHeaders = []string{"Authorization", "Cookie", "Www-Authenticate", "Proxy-Authorization", "X-Auth-Bearer", "X-Api-Key", "Referer"}

// maxRejection is how much of a rejection is kept while another token is
// fetched, so that it can be returned after all. A longer one is returned at
// once.
const maxRejection = 256 << 10

// RoundTrip implements [http.RoundTripper].
func (t *transport) RoundTrip(request *http.Request) (_ *http.Response, err error) {
	defer t.coordinator.guard(&err)
	now := time.Now()
	ctx, bound := t.bounds.begin(request, now)
	if t.origin.matches(request) {
		return bound.end(t.authorised(ctx, request, now))
	}
	return bound.end(t.foreign(ctx, request))
}

// authorised sends a request to the client's origin.
func (t *transport) authorised(ctx context.Context, request *http.Request, now time.Time) (*http.Response, error) {
	h, err := t.coordinator.getAt(ctx, now)
	if err != nil {
		closeBody(request)
		return nil, err
	}
	body := newReplayBody(request, t.buffer)
	defer body.release()
	tokens := succession{coordinator: t.coordinator}
	for attempt := body.first(); ; {
		response, err := t.persist(ctx, request, h, body, attempt)
		if err != nil {
			return nil, err
		}
		if !t.rejected(ctx, response, h) {
			tokens.accepted()
			return response, nil
		}
		// The connection is given back before a renewal, which may need it.
		if !body.rewindable() || !buffered(response) {
			t.coordinator.reject(ctx, h)
			return response, nil
		}
		if h, err = tokens.next(ctx, h); err != nil {
			return nil, err
		}
		if h == nil {
			return response, nil
		}
		if attempt, err = body.again(ctx); err != nil {
			return response, nil
		}
	}
}

// persist sends the request with one token, and again where [WithRetry] says so.
func (t *transport) persist(ctx context.Context, request *http.Request, h *activeToken, body *replayBody, attempt io.ReadCloser) (*http.Response, error) {
	for n := 1; ; n++ {
		response, err := t.send(ctx, request, h, attempt)
		if err == nil && !unavailable(response.StatusCode) {
			t.retries.budget.earn()
			t.coordinator.answered()
			return response, nil
		}
		// The connection is given back before the wait.
		if !t.retries.worthwhile(ctx, request, n) || !body.rewindable() || err == nil && !buffered(response) || !t.retries.wait(ctx, response, n) {
			return response, err
		}
		again, bodyErr := body.again(ctx)
		if bodyErr != nil {
			return response, err
		}
		attempt = again
	}
}

// rejected says whether a response rejects its token, or leaves that open while
// the server says that the token is not live.
func (t *transport) rejected(ctx context.Context, response *http.Response, h *activeToken) bool {
	if t.coordinator.dialect.Rejected(response) {
		return true
	}
	// The connection is given back first: the liveness check may need it.
	return t.liveness.needed(response) && buffered(response) && t.liveness.findsDead(ctx, t.coordinator, h)
}

// send sends a copy of the request, because a RoundTripper must not change what
// it was given. The copy shares the header values, which nobody changes.
func (t *transport) send(ctx context.Context, request *http.Request, h *activeToken, body io.ReadCloser) (*http.Response, error) {
	copied := withContext(ctx, request)
	if request.Header == nil {
		copied.Header = make(http.Header, len(h.headers)+1)
	} else {
		copied.Header = maps.Clone(request.Header)
	}
	for _, header := range h.headers {
		copied.Header[header.key] = header.values
	}
	if _, ok := copied.Header["User-Agent"]; !ok {
		copied.Header["User-Agent"] = t.coordinator.userAgent
	}
	copied.Body = body
	response, err := t.base.RoundTrip(copied)
	if err != nil {
		if cutOff(err) && !h.afterRejection {
			t.coordinator.reject(ctx, h)
		}
		return nil, unanswered(ctx, withoutSecrets(err, []string{h.token.Access.Reveal()}))
	}
	response.Request = request // whoever logs it prints no token
	withBody(response)
	return response, nil
}

// cutOff says whether the server ended the connection while the request was
// being sent. One that rejects a token before it has read the body may do that,
// and then its answer is lost. The next request has another token; a token that
// was fetched for that reason is not doubted again.
func cutOff(err error) bool {
	var network *net.OpError
	return errors.As(err, &network) && network.Op == "write"
}

// foreign sends a request that leaves the origin, without credentials. Where a
// redirect led here, the headers that the caller had set for the origin are
// taken off, and a body is not sent at all.
func (t *transport) foreign(ctx context.Context, request *http.Request) (*http.Response, error) {
	if request.Response == nil {
		return t.base.RoundTrip(withContext(ctx, request))
	}
	if request.Body != nil && request.Body != http.NoBody {
		closeBody(request)
		return nil, &Error{
			Op: "redirect", Dialect: t.coordinator.name, Status: request.Response.StatusCode,
			Err: fmt.Errorf("%w to another origin, where the body must not go", ErrRedirected),
		}
	}
	copied := request.Clone(ctx)
	for _, key := range credentialHeaders {
		copied.Header.Del(key)
	}
	if h := t.coordinator.current.Load(); h != nil {
		for _, header := range h.headers {
			copied.Header.Del(header.key)
		}
	}
	return t.base.RoundTrip(copied)
}

// buffered reads a response to its end, so that its connection is free, and
// gives it a body that holds the same. If it is too long, it returns false, and
// the response is as before.
func buffered(response *http.Response) bool {
	body, whole, _ := peek.Body(response.Body, maxRejection+1) // whole returns the error, too
	response.Body = whole
	if int64(len(body)) > maxRejection {
		return false
	}
	_ = whole.Close()
	response.Body = io.NopCloser(whole)
	return true
}

// withBody makes up for a round tripper that leaves an empty body out, as
// net/http does.
func withBody(response *http.Response) {
	if response.Body == nil {
		response.Body = http.NoBody
	}
}

func closeBody(request *http.Request) {
	if request.Body != nil {
		_ = request.Body.Close()
	}
}
