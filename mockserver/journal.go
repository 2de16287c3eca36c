package mockserver

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/peek"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// Request is one exchange in the journal: the request and the status of its answer,
// without headers, query and body, which may hold secrets.
type Request struct {
	// At is the time of the mock when the request arrived.
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

// journal holds the exchanges of both transports.
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

// record adds an entry for every request to an HTTP handler. The entry is there
// before the client sees the answer.
func (j *journal) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entry := Request{At: j.clock.Now(), Method: r.Method, Path: redacted(r.URL.Path)}
		if r.URL.Path == wire.RPCPath {
			entry.RPC = rpcMethod(r)
		}
		next.ServeHTTP(httpio.NewStatusRecorder(w, func(status int) {
			entry.Status = status
			j.add(entry)
		}), r)
	})
}

// redacted removes the token from the literal path of the form dialect.
func redacted(path string) string {
	if strings.HasPrefix(path, wire.FormLoginPath+"&") {
		return wire.FormLoginPath + "&token=[redacted]"
	}
	return path
}

// rpcMethod reads the method from the body, which can be read again afterwards.
func rpcMethod(r *http.Request) string {
	head, whole, err := peek.Body(r.Body, httpio.MaxBody)
	r.Body = whole
	var envelope wire.RPCEnvelope
	if err != nil || json.Unmarshal(head, &envelope) != nil {
		return ""
	}
	return envelope.Method
}

type callKey struct{}

// call is a call over gRPC. Only the goroutine that serves it uses it.
type call struct {
	entry   Request
	written bool
}

// TagRPC implements [stats.Handler].
func (j *journal) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, callKey{}, &call{entry: Request{At: j.clock.Now(), Method: "gRPC", Path: info.FullMethodName}})
}

// intercept adds the entry of a call before the client sees the answer.
func (j *journal) intercept(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	resp, err := next(ctx, req)
	j.ended(ctx, err)
	return resp, err
}

// HandleRPC implements [stats.Handler]: it adds the entries of calls that the
// interceptor does not see, such as those of unknown methods, at their end.
func (j *journal) HandleRPC(ctx context.Context, event stats.RPCStats) {
	if end, is := event.(*stats.End); is {
		j.ended(ctx, end.Error)
	}
}

// unknown answers calls of unknown methods with the same code as a server without
// it. Such a call has a stream, so that HandleRPC sees its end.
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
