package reference_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/metadata"

	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/reference"
)

// spans are those of an office.
type spans struct {
	*tracetest.InMemoryExporter
	t *testing.T
}

// traced opens an office whose spans are kept.
func traced(t *testing.T, change ...func(*reference.Config)) (*office, spans) {
	t.Helper()
	s := spans{tracetest.NewInMemoryExporter(), t}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(s))
	o := open(t, append(change, func(c *reference.Config) { c.Tracers = provider })...)
	return o, s
}

// take waits for the span of a request, and returns it with those below it in order, and
// forgets all. The answer comes before the end of the span.
func (s spans) take() (request tracetest.SpanStub, below tracetest.SpanStubs) {
	s.t.Helper()
	for ; s.t.Context().Err() == nil; <-time.After(time.Millisecond) {
		all := s.GetSpans()
		i := slices.IndexFunc(all, func(span tracetest.SpanStub) bool { return span.SpanKind == trace.SpanKindServer })
		if i < 0 {
			continue
		}
		s.Reset()
		request = all[i]
		for _, span := range all {
			if span.SpanContext.SpanID() == request.SpanContext.SpanID() {
				continue
			}
			if span.Parent.SpanID() != request.SpanContext.SpanID() || span.SpanContext.TraceID() != request.SpanContext.TraceID() {
				s.t.Errorf("the span %q is not below that of the request", span.Name)
			}
			below = append(below, span)
		}
		slices.SortFunc(below, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })
		return request, below
	}
	s.t.Fatal("no span of a request")
	return request, below
}

// said is what a span says, as one text.
func said(span tracetest.SpanStub) string {
	set := attribute.NewSet(span.Attributes...)
	text := span.Name + " " + set.Encoded(attribute.DefaultEncoder())
	if span.Status.Code == codes.Error {
		text += " failed" + span.Status.Description
	}
	return text
}

func saidAll(all tracetest.SpanStubs) string {
	texts := make([]string, len(all))
	for i, span := range all {
		texts[i] = said(span)
	}
	return strings.Join(texts, "\n")
}

func TestSpansOfRequests(t *testing.T) {
	t.Parallel()
	b := &broken{Store: memory.New()}
	o, s := traced(t, func(c *reference.Config) { c.Store = b })
	token := o.send("POST", "/login", "login=root&pass=root", form).member("token") // makes the keys, too
	s.take()
	for _, c := range []struct {
		method, path, want string
		below              string
	}{
		{"GET", "/items", "GET /items dragoman.dialect=form,http.request.method=GET,http.response.status_code=200,http.route=/items",
			"store get dragoman.store.kind=form"},
		{"HEAD", "/items", "GET /items dragoman.dialect=form,http.request.method=HEAD,http.response.status_code=200,http.route=/items",
			"store get dragoman.store.kind=form"},
		{"GET", "/no/such/path", "GET dragoman.dialect=none,http.request.method=GET,http.response.status_code=404", ""},
		{"BREW", "/items", "_OTHER dragoman.dialect=form,http.request.method=_OTHER,http.response.status_code=405", ""},
	} {
		o.send(c.method, c.path, "", "X-Auth-Bearer: "+token)
		request, below := s.take()
		if got := said(request); got != c.want {
			t.Errorf("%s %s: the span is\n%s, want\n%s", c.method, c.path, got, c.want)
		}
		if got := saidAll(below); got != c.below {
			t.Errorf("%s %s: the spans below are %q, want %q", c.method, c.path, got, c.below)
		}
	}
	b.set(true)
	o.want("a token without the store", o.send("GET", "/items", "", "X-Auth-Bearer: "+token), 503)
	request, below := s.take()
	if got := said(request); !strings.HasSuffix(got, " failed") || !strings.Contains(got, "error.type=503") {
		t.Errorf("the span of a 503 is %s", got)
	}
	if got := saidAll(below); got != "store get dragoman.store.kind=form,error.type=unavailable failed" {
		t.Errorf("the span of the store that failed is %s", got)
	}
}

// TestSpansOfALogin: what a password waits and what it costs are apart.
func TestSpansOfALogin(t *testing.T) {
	t.Parallel()
	o, s := traced(t)
	for password, status := range map[string]int{"root": 200, "wrong": 401} {
		o.want("a login", o.send("POST", "/sessions", `{"session":{"email":"root@example.com","password":"`+password+`"}}`), status)
		request, below := s.take()
		if request.Name != "POST /sessions" {
			t.Errorf("the span is %s", said(request))
		}
		at := map[string]int{}
		for i, span := range below {
			at[said(span)] = i + 1
		}
		wait, hash := at["password wait "], at["password hash "]
		if wait == 0 || hash <= wait || below[hash-1].StartTime.Before(below[wait-1].EndTime) {
			t.Errorf("a login with %q: the spans below are\n%s", password, saidAll(below))
		}
		if created := at["store create dragoman.store.kind=session"]; (created > hash) != (status == 200) {
			t.Errorf("a login with %q: the spans below are\n%s", password, saidAll(below))
		}
	}
}

// TestSpansOfCalls: gRPC has them, too.
func TestSpansOfCalls(t *testing.T) {
	t.Parallel()
	o, s := traced(t)
	conn := o.dial()
	ctx := metadata.AppendToOutgoingContext(t.Context(), "traceparent", parent, "tracestate", "vendor=secret-of-the-client")
	for method, c := range map[string]struct {
		call        func() error
		code, below string
	}{
		"axxonsoft.bl.auth.AuthenticationService/AuthenticateEx2": {func() error {
			_, err := rpcpb.NewAuthenticationServiceClient(conn).AuthenticateEx2(ctx, &rpcpb.AuthenticateRequest{UserName: "root", Password: "root"})
			return err
		}, "OK", "password hash"},
		"axxonsoft.bl.domain.DomainService/GetVersion": {func() error {
			_, err := rpcpb.NewDomainServiceClient(conn).GetVersion(ctx, &rpcpb.GetVersionRequest{})
			return err
		}, "UNAUTHENTICATED", ""},
	} {
		err := c.call()
		request, below := s.take()
		want := method + " dragoman.dialect=rpc,rpc.method=" + method + ",rpc.response.status_code=" + c.code + ",rpc.system.name=grpc"
		if got := said(request); got != want || !strings.Contains(saidAll(below), c.below) {
			t.Errorf("%v: the span is\n%s, want\n%s, and below it\n%s", err, got, want, saidAll(below))
		}
		if request.SpanContext.TraceID().String() != "0af7651916cd43dd8448eb211c80319c" || request.SpanContext.TraceState().Len() > 0 {
			t.Errorf("%s: the span is in %v", method, request.SpanContext)
		}
	}
}

const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// TestTracesOfClientsGoOn: a span is below that which the client names. A client that
// does not keep its trace has no span, and what is no traceparent begins a trace.
func TestTracesOfClientsGoOn(t *testing.T) {
	t.Parallel()
	o, s := traced(t)
	o.send("GET", "/items", "", "traceparent: "+parent, "tracestate: vendor=secret-of-the-client", "baggage: who=secret-of-the-client")
	request, _ := s.take()
	if request.SpanContext.TraceID().String() != "0af7651916cd43dd8448eb211c80319c" || request.Parent.SpanID().String() != "b7ad6b7169203331" || !request.Parent.IsRemote() {
		t.Errorf("the span is in %v, below %v", request.SpanContext.TraceID(), request.Parent.SpanID())
	}
	if text := fmt.Sprintf("%+v", request); strings.Contains(text, "secret-of-the-client") {
		t.Errorf("the span has words of the client: %s", text)
	}
	o.send("GET", "/items", "", "traceparent: "+strings.TrimSuffix(parent, "01")+"00")
	o.send("GET", "/users", "", "traceparent: 00-"+strings.Repeat("0", 32)+"-b7ad6b7169203331-01")
	request, _ = s.take()
	if request.Name != "GET /users" || request.Parent.IsValid() {
		t.Errorf("the next span is %s, below %v", said(request), request.Parent)
	}
}

// TestSpansOfPanics end.
func TestSpansOfPanics(t *testing.T) {
	t.Parallel()
	o, s := traced(t, func(c *reference.Config) { c.Limiter, c.Logger = panicking{}, slog.New(slog.DiscardHandler) })
	o.want("a panic", o.send("POST", "/login", "login=root&pass=root", form), 500)
	if request, _ := s.take(); !strings.HasSuffix(said(request), "http.response.status_code=500,http.route=/login failed") {
		t.Errorf("the span is %s", said(request))
	}
	_, err := rpcpb.NewAuthenticationServiceClient(o.dial()).AuthenticateEx2(t.Context(), &rpcpb.AuthenticateRequest{UserName: "root", Password: "root"})
	if request, _ := s.take(); !strings.Contains(said(request), "rpc.response.status_code=INTERNAL") || !strings.HasSuffix(said(request), " failed") {
		t.Errorf("%v: the span is %s", err, said(request))
	}
}

// TestSpansHoldNothingOfTheClient sends a word in every place that a client fills, to
// paths of all dialects: no span has it.
func TestSpansHoldNothingOfTheClient(t *testing.T) {
	t.Parallel()
	const word = "Quagga"
	o, s := traced(t)
	places := []string{"/sessions", "/tokens", "/users", "/users/1", "/login", "/items", "/grpc", "/v1/authentication/", "/currentuser",
		"/api/v1/auth/token", "/api/v1/tokens", "/api/v1/tokens/" + word, "/api/v1/objects/" + word, "/" + word, "/sessions/" + word}
	for _, method := range []string{"GET", "POST", "PUT", "DELETE", strings.ToUpper(word)} {
		for _, path := range places {
			body := `{"session":{"email":"` + word + `","password":"` + word + `"},"username":"` + word + `","password":"` + word + `","refresh_token":"` + word + `","method":"` + word + `"}`
			o.send(method, path+"?token="+word+"&login="+word, body, "Authorization: Bearer "+word, "X-Auth-Bearer: "+word, "X-Api-Key: "+word,
				"User-Agent: "+word, "Cookie: "+word, "X-Forwarded-For: "+word, "tracestate: a="+word, "baggage: a="+word, "traceparent: "+word, "Content-Type: application/json")
		}
		o.send(method, "/login", "login="+word+"&pass="+word, form, basic(word, word))
	}
	_, _ = rpcpb.NewAuthenticationServiceClient(o.dial()).AuthenticateEx2(metadata.AppendToOutgoingContext(context.Background(), "authorization", word, "tracestate", "a="+word),
		&rpcpb.AuthenticateRequest{UserName: word, Password: word})
	all := s.GetSpans()
	if len(all) < 80 {
		t.Fatalf("there are %d spans: too few to prove anything", len(all))
	}
	for _, span := range all {
		if text := fmt.Sprintf("%+v", span); strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
			t.Errorf("a span has it: %s", text)
		}
	}
}
