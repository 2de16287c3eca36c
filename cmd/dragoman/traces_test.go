package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// spanCollector keeps what it gets by OTLP over HTTP, as text.
type spanCollector struct {
	mu    sync.Mutex
	spans map[string]string // by name
	all   strings.Builder
}

func (c *spanCollector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var request collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &request) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range request.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			c.all.WriteString(scope.String())
			for _, span := range scope.GetSpans() {
				c.spans[span.GetName()] = span.String()
			}
		}
	}
}

// TestTracesReachACollector: when the server has ended, a collector has the spans of all
// requests.
func TestTracesReachACollector(t *testing.T) {
	t.Parallel()
	got := &spanCollector{spans: map[string]string{}}
	server := httptest.NewServer(got)
	defer server.Close()
	p, c := startServe(t, ownBinary(t), "serve", "--demo", "--traces", server.URL), newCaller(t)
	pair, token := c.openSession(p.url), c.formLogin(p.url).member("token")
	pair = c.refresh(p.url, pair)
	if r := c.send("GET", p.url+"/items?of=the-query", "", "X-Auth-Bearer: "+token,
		"traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate: of=the-client"); r.status != 200 {
		t.Fatalf("a token: %v", r)
	}
	c.CloseIdleConnections()
	p.terminate()
	for _, name := range []string{"POST /sessions", "POST /tokens", "POST /login", "GET /items", "store get", "store create", "password wait", "password hash"} {
		if got.spans[name] == "" {
			t.Errorf("there is no span %q", name)
		}
	}
	for _, part := range []string{`"http.route"`, `"/items"`, `"dragoman.dialect"`, `"form"`, `"http.response.status_code"`, "int_value:200", "SPAN_KIND_SERVER"} {
		if text := strings.ReplaceAll(got.spans["GET /items"], " ", ""); !strings.Contains(text, part) {
			t.Errorf("the span has no %s: %s", part, text)
		}
	}
	for _, secret := range []string{pair.member("access_token"), pair.member("refresh_token"), token, "root", "the-query", "the-client"} {
		if secret == "" || strings.Contains(got.all.String(), secret) {
			t.Errorf("the traces hold %q", secret)
		}
	}
	if strings.Contains(p.logged(), "traces could not be sent") {
		t.Errorf("the log is %s", p.logged())
	}
}

// TestTracesWithoutACollector: nobody notices but the log.
func TestTracesWithoutACollector(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer gone.Close()
	p, c := startServe(t, ownBinary(t), "serve", "--demo", "--traces", gone.URL), newCaller(t)
	for range 20 {
		if r := c.formLogin(p.url); r.status != 200 {
			t.Fatalf("a login: %v", r)
		}
	}
	c.CloseIdleConnections()
	p.terminate()
	if n := strings.Count(p.logged(), "traces could not be sent"); n != 1 {
		t.Errorf("the log has %d lines about traces: %s", n, p.logged())
	}
}
