// Package tracing makes spans of OpenTelemetry: one for each request, and below it one for
// each operation of the store and for what a password waits and costs. Their names and
// attributes come from small fixed sets and from answers, as the labels of package metrics
// do: a span never holds a token, a password, a login, a query or a header.
//
// The names of attributes are those of the semantic conventions 1.43, beside
// dragoman.dialect, dragoman.store.kind and dragoman.store.outcome.
package tracing

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/genproto/googleapis/rpc/code"
	grpccodes "google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
)

// scope names the source of the spans.
const scope = "github.com/dragoman-auth/dragoman/reference"

const dialectKey = attribute.Key("dragoman.dialect")

// Tracer begins the spans of requests. It is safe for concurrent use. A nil Tracer makes
// none, and costs nothing.
type Tracer struct{ tracer trace.Tracer }

// New returns a tracer of a provider; nil where that is nil.
func New(provider trace.TracerProvider) *Tracer {
	if provider == nil {
		return nil
	}
	return &Tracer{provider.Tracer(scope)}
}

// Span is the span of a request. The zero Span is none.
type Span struct{ span trace.Span }

// methods are those that RFC 9110 and RFC 5789 name: others are the client's words.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"}

// Request begins the span of a request over HTTP, below that of a client that sends a
// traceparent. The request that it returns carries it.
func (t *Tracer) Request(r *http.Request) (*http.Request, Span) {
	if t == nil {
		return r, Span{}
	}
	method := "_OTHER"
	if slices.Contains(methods, r.Method) {
		method = r.Method
	}
	ctx, span := t.tracer.Start(continued(r.Context(), r.Header.Get(parentHeader)), method,
		trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(semconv.HTTPRequestMethodKey.String(method)))
	if !span.IsRecording() {
		return r.WithContext(ctx), Span{}
	}
	return r.WithContext(ctx), Span{span}
}

// Answered ends the span of a request over HTTP. A route is a method and a path with
// parameters; without one the span has none.
func (s Span) Answered(dialect, route string, status int) {
	if s.span == nil {
		return
	}
	if _, path, is := strings.Cut(route, " "); is {
		s.span.SetName(route)
		s.span.SetAttributes(semconv.HTTPRoute(path))
	}
	s.span.SetAttributes(dialectKey.String(dialect), semconv.HTTPResponseStatusCode(status))
	if status >= http.StatusInternalServerError {
		s.failed(strconv.Itoa(status))
	}
	s.span.End()
}

// Call begins the span of a call over gRPC, as Request does. The method is the full name
// of one that the server has.
func (t *Tracer) Call(ctx context.Context, method string) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	method = strings.TrimPrefix(method, "/")
	parent := ""
	if values := metadata.ValueFromIncomingContext(ctx, parentHeader); len(values) > 0 {
		parent = values[0]
	}
	ctx, span := t.tracer.Start(continued(ctx, parent), method, trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(semconv.RPCSystemNameGRPC, semconv.RPCMethod(method)))
	if !span.IsRecording() {
		return ctx, Span{}
	}
	return ctx, Span{span}
}

// serverFaults are the codes that are the server's fault (semantic conventions of gRPC).
var serverFaults = []grpccodes.Code{
	grpccodes.Unknown, grpccodes.DeadlineExceeded, grpccodes.Unimplemented, grpccodes.Internal, grpccodes.Unavailable, grpccodes.DataLoss,
}

// Returned ends the span of a call over gRPC.
func (s Span) Returned(dialect string, result grpccodes.Code) {
	if s.span == nil {
		return
	}
	name := code.Code(int32(result)).String() //nolint:gosec // there are 17
	s.span.SetAttributes(dialectKey.String(dialect), semconv.RPCResponseStatusCode(name))
	if slices.Contains(serverFaults, result) {
		s.failed(name)
	}
	s.span.End()
}

// failed marks the span. There is no text: that of an error may name an account.
func (s Span) failed(kind string) { fail(s.span, kind) }

func fail(span trace.Span, kind string) {
	span.SetStatus(codes.Error, "")
	span.SetAttributes(semconv.ErrorTypeKey.String(kind))
}

// Child begins a span below that of the request, if it has one that is recorded. The
// caller ends it.
func Child(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, trace.Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, noop.Span{}
	}
	return parent.TracerProvider().Tracer(scope).Start(ctx, name, trace.WithAttributes(attributes...))
}

const parentHeader = "traceparent"

// continued is a context below the span that a client names. What else the client says
// about its trace (tracestate, baggage) is text of its choice, and left out.
func continued(ctx context.Context, parent string) context.Context {
	if parent == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{parentHeader: parent})
}
