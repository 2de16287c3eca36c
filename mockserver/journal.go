package mockserver

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// Request is one exchange as the journal keeps it: what was asked and how it
// ended, without headers, query and body, which may hold secrets.
type Request struct {
	// At is the mock's time when the request came.
	At time.Time
	// Method is the HTTP method, or "gRPC".
	Method string
	// Path is the path without the query; over gRPC the full method, such as
	// /axxonsoft.bl.auth.AuthenticationService/CloseSession.
	Path string
	// RPC is the method that a POST /grpc names; otherwise empty.
	RPC string
	// Status is the HTTP status; over gRPC the code (0 is OK).
	Status int
}

// journal keeps the exchanges of both transports.
type journal struct {
	clock clock.Clock

	mu   sync.Mutex
	list []Request
}

var _ stats.Handler = (*journal)(nil)

func (j *journal) add(r Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = append(j.list, r)
}

func (j *journal) entries() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.list)
}

// record writes down what passes through an HTTP handler. The entry is there
// before the client sees the answer.
func (j *journal) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entry := Request{At: j.clock.Now(), Method: r.Method, Path: redacted(r.URL.Path)}
		if r.URL.Path == wire.RPCPath {
			entry.RPC = rpcMethod(r)
		}
		next.ServeHTTP(&watched{ResponseWriter: w, seen: func(status int) {
			entry.Status = status
			j.add(entry)
		}}, r)
	})
}

// redacted cuts the token out of the form dialect's literal path.
func redacted(path string) string {
	if strings.HasPrefix(path, wire.FormLoginPath+"&") {
		return wire.FormLoginPath + "&token=[redacted]"
	}
	return path
}

// rpcMethod reads the method out of the body and puts the body back.
func rpcMethod(r *http.Request) string {
	head, err := io.ReadAll(io.LimitReader(r.Body, httpio.MaxBody))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), r.Body), r.Body}
	var envelope wire.RPCEnvelope
	if err != nil || json.Unmarshal(head, &envelope) != nil {
		return ""
	}
	return envelope.Method
}

// watched tells the status of an answer just before it is sent.
type watched struct {
	http.ResponseWriter
	seen func(status int)
}

func (w *watched) WriteHeader(status int) {
	w.tell(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(body []byte) (int, error) {
	w.tell(http.StatusOK)
	return w.ResponseWriter.Write(body)
}

func (w *watched) tell(status int) {
	if w.seen != nil {
		w.seen(status)
		w.seen = nil
	}
}

// Unwrap lets [http.ResponseController] through.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

type callKey struct{}

// call is one over gRPC. Only the goroutine that serves it touches it.
type call struct {
	entry   Request
	written bool
}

// TagRPC implements [stats.Handler].
func (j *journal) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, callKey{}, &call{entry: Request{At: j.clock.Now(), Method: "gRPC", Path: info.FullMethodName}})
}

// intercept writes a call down before the client sees its answer.
func (j *journal) intercept(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	resp, err := next(ctx, req)
	j.ended(ctx, err)
	return resp, err
}

// HandleRPC implements [stats.Handler]: it writes down what the interceptor
// does not see, such as calls of unknown methods, at their end.
func (j *journal) HandleRPC(ctx context.Context, event stats.RPCStats) {
	if end, is := event.(*stats.End); is {
		j.ended(ctx, end.Error)
	}
}

// unknown answers calls of unknown methods with the code that a server without
// it answers, and has the journal hear of them.
func unknown(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	return status.Errorf(codes.Unimplemented, "unknown method %s", method)
}

func (j *journal) ended(ctx context.Context, err error) {
	c, tagged := ctx.Value(callKey{}).(*call)
	if !tagged || c.written {
		return
	}
	c.written = true
	c.entry.Status = int(status.Code(err))
	j.add(c.entry)
}

// TagConn implements [stats.Handler].
func (j *journal) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements [stats.Handler].
func (j *journal) HandleConn(context.Context, stats.ConnStats) {}
