package mockserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/peek"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// exchange is one request on its way through the mock.
type exchange struct {
	target    string // path and query as they came
	path      string // as the dialect documents it, without its prefix
	entry     Request
	route     route
	presented []string // tokens, single-use ones first
	basic     bool     // the request carries a password in its header
	fault     *Fault   // nil: none
	turn      int      // how many requests the fault has affected, this one included

	retryAfter string // what the answer asks for over gRPC
	stream     bool   // it is one over gRPC
}

// streams says whether the answer can go to the client as it is written.
func (x *exchange) streams() bool {
	if x.fault == nil {
		return true
	}
	switch x.fault.Effect {
	case Delay, Reject, RevokeBefore:
		return true
	}
	return false
}

// lost says whether a fault keeps the client from reading the answer.
func (x *exchange) lost() bool {
	if x.fault == nil {
		return false
	}
	switch x.fault.Effect {
	case Reset, Close, LostReply, Truncate, Garble, ContentType, Gzip:
		return true
	}
	return false
}

// serveHTTP takes a request through the mock: it is counted, held, checked for
// misuse, met with a fault, answered, and written to the journal before the client
// sees the answer.
func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.admit() {
		panic(http.ErrAbortHandler) // the mock is closed
	}
	defer s.served.Done()
	x, body := s.receive(r)
	if err := s.begin(r.Context(), x); err != nil { // the client has gone, or the mock is closed
		s.record(x, seen{requestHeader: r.Header, requestBody: body}, x.presented)
		panic(http.ErrAbortHandler)
	}
	if x.route.dialect == "" && x.streams() {
		s.pass(w, r, x, body)
		return
	}
	answer := s.answer(r, x)
	s.unsent.add(r)
	s.complete(x, r.Header, body, answer)
	s.deliver(w, r, x, answer)
}

// receive reads what the mock has to know of a request. The body can be read
// again.
func (s *Server) receive(r *http.Request) (*exchange, []byte) {
	body, whole, _ := peek.Body(r.Body, httpio.MaxBody) // an error is read again by the handler
	r.Body = whole
	plain := s.documented(r)
	x := &exchange{target: r.URL.RequestURI(), path: plain.URL.Path}
	var rpcMethod string
	if x.path == wire.RPCPath {
		var envelope wire.RPCEnvelope
		if json.Unmarshal(body, &envelope) == nil {
			rpcMethod = envelope.Method
			x.presented = tokensIn(envelope.Data)
		}
	}
	if x.route = httpRoute(plain, rpcMethod); s.routes.find(r) != nil {
		x.route = route{"", Resource}
	}
	x.presented = append(x.presented, presentedTokens(plain, body)...)
	_, _, x.basic = r.BasicAuth()
	x.entry = Request{
		At: s.clock.Now(), Method: r.Method, RPC: rpcMethod, Host: r.Host, Path: r.URL.Path,
	}
	if r.URL.RawQuery != "" || s.names.inPath(r.URL.Path, x.presented, s.tokens) {
		s.journal.redact()
		x.entry.Path = s.names.values(s.names.path(r.URL.Path, s.tokens), x.presented)
		x.entry.Query = s.names.values(s.names.fields(r.URL.RawQuery), x.presented)
	}
	return x, body
}

// presentedTokens are those of the body, the header and the query of a request.
func presentedTokens(r *http.Request, body []byte) []string {
	found := tokensIn(body)
	if bearer, is := httpio.Bearer(r); is {
		found = append(found, bearer)
	}
	found = append(found, r.Header.Values(wire.FormTokenHeader)...)
	values := query(r.URL)
	for _, name := range []string{wire.FormFieldToken, "access_token", "auth_token"} {
		found = append(found, values[name]...)
	}
	return found
}

// answer lets the server answer, unless the fault does.
func (s *Server) answer(r *http.Request, x *exchange) *memhttp.Recorder {
	recorder := memhttp.NewRecorder()
	if x.fault == nil || !s.answersItself(recorder, x) {
		s.handler(r).ServeHTTP(recorder, without(r, s.dead(x)))
	}
	s.allowOrigin(recorder.Header(), r)
	return recorder
}

// dead are the presented tokens that the server must not accept.
func (s *Server) dead(x *exchange) []string {
	if x.fault != nil && x.fault.Effect == Reject {
		return x.presented
	}
	return s.tokens.rejected(x.route, x.presented)
}

// allowOrigin lets pages of the allowed origins read answers that the server behind
// the mock has not written.
func (s *Server) allowOrigin(header http.Header, r *http.Request) {
	origin := r.Header.Get("Origin")
	switch {
	case origin == "":
	case slices.Contains(s.origins, "*"):
		header.Set("Access-Control-Allow-Origin", "*")
	case slices.Contains(s.origins, origin):
		header.Set("Access-Control-Allow-Origin", origin)
	}
	if header.Get("Access-Control-Allow-Origin") != "" {
		header.Set("Access-Control-Expose-Headers", "Date, Link, Retry-After, Www-Authenticate")
	}
}

// without returns a request whose tokens the server does not know: in each, one
// character is another.
func without(r *http.Request, dead []string) *http.Request {
	if len(dead) == 0 {
		return r
	}
	changed := r.Clone(r.Context())
	body, _ := io.ReadAll(r.Body)
	for _, token := range dead {
		unknown := unknownToken(token)
		body = bytes.ReplaceAll(body, []byte(token), []byte(unknown))
		changed.URL.RawQuery = strings.NewReplacer(token, unknown, url.QueryEscape(token), url.QueryEscape(unknown)).Replace(changed.URL.RawQuery)
		changed.URL.Path = strings.ReplaceAll(changed.URL.Path, token, unknown)
		for _, values := range changed.Header {
			for i := range values {
				values[i] = strings.ReplaceAll(values[i], token, unknown)
			}
		}
	}
	changed.Body = io.NopCloser(bytes.NewReader(body))
	return changed
}

// unknownToken returns a token of the same form that no server has issued.
func unknownToken(token string) string {
	middle := len(token) / 2
	other := byte('A')
	if token == "" {
		return ""
	}
	if token[middle] == other {
		other = 'B'
	}
	return token[:middle] + string(other) + token[middle+1:]
}

// seen is what the two sides have sent, secrets included.
type seen struct {
	requestHeader, responseHeader http.Header
	requestBody, responseBody     []byte
}

// record writes an exchange to the journal. Large ones are redacted at once, so that the
// journal keeps nothing large, and so is what a function of the user may change later.
func (s *Server) record(x *exchange, all seen, secrets []string) {
	changeable := s.answers != nil || x.route.dialect == ""
	s.journal.add(x.entry, func(e *Request) {
		if len(x.presented) > 0 {
			e.Token = s.names.of("token", x.presented[0])
		}
		for _, secret := range secrets { // in this order, whatever that of the headers is
			s.names.of("token", secret)
		}
		e.RequestHeader, e.ResponseHeader = s.names.header(all.requestHeader, secrets), s.names.header(all.responseHeader, secrets)
		e.RequestBody, e.ResponseBody = s.names.body(all.requestBody, secrets), s.names.body(all.responseBody, secrets)
	}, changeable || len(all.requestBody)+len(all.responseBody) > maxJournalBody)
}

// complete writes the exchange to the journal.
func (s *Server) complete(x *exchange, header http.Header, body []byte, answer *memhttp.Recorder) {
	if x.fault == nil || x.fault.Effect != Reset && x.fault.Effect != Close {
		x.entry.Status = answer.Status()
	}
	secrets := x.presented
	if x.entry.Succeeded() {
		issued := tokensIn(answer.Body())
		secrets = append(secrets, issued...)
		s.follow(x, issued)
	}
	s.misuses.answered(x, answer.Header().Get("Retry-After"), s.clock.Now())
	s.record(x, seen{header, answer.Header().Clone(), body, answer.Body()}, secrets) // a clone, for a fault may change it
}

// pass serves what stands outside of the dialects: pages, and the routes of
// [Server.Handle], whose answers may be streams.
func (s *Server) pass(w http.ResponseWriter, r *http.Request, x *exchange, body []byte) {
	recorded := false
	record := func(status int) {
		recorded = true
		s.unsent.add(r)
		x.entry.Status = status
		if x.entry.Succeeded() {
			s.follow(x, nil)
		}
		s.misuses.answered(x, w.Header().Get("Retry-After"), s.clock.Now())
		s.record(x, seen{r.Header, w.Header(), body, nil}, x.presented)
	}
	if x.route.operation == Resource {
		s.allowOrigin(w.Header(), r)
	}
	answer := streamed{httpio.NewStatusRecorder(w, record), func() { s.unsent.sent(connOf(r)) }}
	s.handler(r).ServeHTTP(answer, without(r, s.dead(x)))
	if !recorded {
		record(http.StatusOK) // net/http sends it for a handler that wrote nothing
	}
}

// statusText is the status of an exchange, over gRPC the name of the code.
func statusText(r Request) string {
	if r.Method == grpcMethod {
		return wire.GRPCCodeName(int64(r.Status))
	}
	if r.Status == 0 {
		return "none"
	}
	return fmt.Sprint(r.Status)
}
