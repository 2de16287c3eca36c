package mockserver

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/reference/rpc"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// wait passes the delay of a fault, which grows with each request it affects.
func (x *exchange) wait(ctx context.Context) error {
	if x.fault == nil || x.fault.Effect == Slow {
		return nil
	}
	return sleep(ctx, time.Duration(x.fault.Delay)+time.Duration(x.turn-1)*time.Duration(x.fault.Growth))
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answersItself writes the answer of a fault that keeps the request from the
// server, and says whether it is one.
func (s *Server) answersItself(w http.ResponseWriter, x *exchange) bool {
	header := w.Header()
	header.Set("Date", s.clock.Now().UTC().Format(http.TimeFormat))
	header.Set("Cache-Control", "no-store")
	if x.fault.RetryAfter > 0 {
		header.Set("Retry-After", s.retryAfter(x.fault))
	}
	switch x.fault.Effect {
	case Reset, Close:
	case Redirect:
		header.Set("Location", s.redirection(x))
		w.WriteHeader(x.fault.Status)
	case Refuse:
		refuse(w, x)
	case Status, Outage, Quota:
		httpio.WriteJSON(w, x.fault.Status, problem(x.route.dialect, x.fault.Status))
	default:
		clear(header) // the server writes its own
		return false
	}
	return true
}

func (s *Server) retryAfter(f *Fault) string {
	wait := time.Duration(f.RetryAfter)
	if f.RetryAfterDate {
		return s.clock.Now().Add(wait).UTC().Format(http.TimeFormat)
	}
	return strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10)
}

// redirection is where a fault sends the client: by default to the mock itself,
// under a name that is another origin.
func (s *Server) redirection(x *exchange) string {
	if x.fault.Location != "" {
		return x.fault.Location
	}
	scheme, host, _ := strings.Cut(s.URL, "://")
	if _, port, err := net.SplitHostPort(host); err == nil {
		host = net.JoinHostPort("localhost", port)
	} else {
		host = "other." + host
	}
	return scheme + "://" + host + x.target
}

// problem is the body of an error in the form of a dialect.
func problem(dialect string, status int) any {
	reason := strings.ToLower(http.StatusText(status))
	switch dialect {
	case wire.Session:
		return map[string]string{"error_message": reason}
	case wire.RPC:
		return wire.RPCError{ErrorMessage: reason, GRPCErrorCode: wire.Whole(rpc.Code(status))}
	case wire.Scoped:
		return wire.ScopedError{Name: "RicError", Code: strconv.Itoa(status), Message: reason, Tags: []string{}, Codes: []string{}}
	default:
		return map[string]any{"error": reason, "code": status}
	}
}

// deliver sends an answer as the fault wants it.
func (s *Server) deliver(w http.ResponseWriter, r *http.Request, x *exchange, answer *memhttp.Recorder) {
	var effect Effect
	if x.fault != nil {
		effect = x.fault.Effect
	}
	header, body := answer.Header(), answer.Body()
	if s.answers != nil && x.entry.Succeeded() {
		body = s.answers(x.route.operation, body)
	}
	switch effect {
	case Reset, Close, LostReply:
		drop(w, effect == Reset)
	case Garble:
		body = append(bytes.Clone(body[:len(body)/2]), "\x00<garbled>"...)
	case ContentType:
		header.Set("Content-Type", cmp.Or(x.fault.ContentType, "text/html"))
	case Gzip:
		body = gzipped(body)
		header.Set("Content-Encoding", "gzip")
	case Skew:
		header.Set("Date", s.clock.Now().Add(time.Duration(x.fault.Skew)).UTC().Format(http.TimeFormat))
	}
	maps.Copy(w.Header(), header)
	if hasBody(r.Method, answer.Status()) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	} else {
		body = nil
	}
	w.WriteHeader(answer.Status())
	switch effect {
	case Truncate:
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // closes the connection, or resets the stream
	case Slow:
		s.unsent.sent(connOf(r)) // nobody waits for its end
		trickle(r.Context(), w, x.fault, body)
	default:
		_, _ = w.Write(body)
	}
}

func hasBody(method string, status int) bool {
	return method != http.MethodHead && status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// drop ends the connection of a request without an answer; it does not return.
func drop(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2: only the stream ends
	}
	if reset {
		resetConn(conn)
	}
	_ = conn.Close()
	panic(http.ErrAbortHandler)
}

// resetConn lets a connection end with a reset.
func resetConn(conn net.Conn) {
	if encrypted, is := conn.(interface{ NetConn() net.Conn }); is {
		conn = encrypted.NetConn()
	}
	if tcp, is := conn.(interface{ SetLinger(int) error }); is {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// trickle sends a body piece by piece.
func trickle(ctx context.Context, w http.ResponseWriter, f *Fault, body []byte) {
	for len(body) > 0 {
		size := min(max(f.Bytes, 1), len(body))
		if _, err := w.Write(body[:size]); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
		if body = body[size:]; sleep(ctx, time.Duration(f.Delay)) != nil {
			return
		}
	}
}

func gzipped(body []byte) []byte {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return packed.Bytes()
}
