package otlp_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/dragoman-auth/dragoman/internal/reference/otlp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, cfg otlp.Config) *otlp.Exporter {
	t.Helper()
	e, err := otlp.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// makeSpans makes spans that begin and end at once.
func makeSpans(e *otlp.Exporter, n int) {
	for range n {
		_, span := e.Provider().Tracer("test").Start(context.Background(), "GET /users")
		span.End()
	}
}

// received is what a collector got.
type received struct {
	mu    sync.Mutex
	path  string
	spans []*traces.ResourceSpans
}

func (c *received) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil && r.Header.Get("Content-Encoding") == "gzip" {
		var unzipped *gzip.Reader
		if unzipped, err = gzip.NewReader(bytes.NewReader(body)); err == nil {
			body, err = io.ReadAll(unzipped)
		}
	}
	var request collector.ExportTraceServiceRequest
	if err != nil || proto.Unmarshal(body, &request) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.path = r.URL.Path
	c.spans = append(c.spans, request.GetResourceSpans()...)
}

func TestSpansReachTheCollector(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"": "/v1/traces", "/": "/v1/traces", "/tenant/spans": "/tenant/spans"} {
		var got received
		server := httptest.NewServer(&got)
		var log bytes.Buffer
		e := open(t, otlp.Config{URL: server.URL + path, Share: 1, Version: "1.2.3", Log: slog.New(slog.NewTextHandler(&log, nil))})
		makeSpans(e, 1)
		e.Close(t.Context())
		server.Close()
		if got.path != want || len(got.spans) != 1 || log.Len() > 0 {
			t.Fatalf("at %q there are %v, want them at %q; the log is %s", got.path, got.spans, want, log.String())
		}
		text := got.spans[0].String()
		for _, part := range []string{`"GET /users"`, `"service.name"`, `"dragoman"`, `"service.version"`, `"1.2.3"`, `"host.name"`} {
			if !strings.Contains(text, part) {
				t.Errorf("%s is not in %s", part, text)
			}
		}
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	e := open(t, otlp.Config{URL: "http://127.0.0.1:1", Share: 0.25})
	defer e.Close(ended())
	kept := 0
	for range 4000 {
		_, span := e.Provider().Tracer("test").Start(t.Context(), "x")
		if span.IsRecording() { // it never ends, and is never sent
			kept++
		}
	}
	if kept < 800 || kept > 1200 { // seven standard deviations
		t.Errorf("of 4000 traces %d are kept, want about 1000", kept)
	}
	client := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled, Remote: true})
	for range 100 {
		if _, span := e.Provider().Tracer("test").Start(trace.ContextWithRemoteSpanContext(t.Context(), client), "x"); !span.IsRecording() {
			t.Fatal("a client keeps its trace, and the server does not")
		}
	}
}

// ended is a context that has ended.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// TestStandardSampler: the variable counts where no share is given.
func TestStandardSampler(t *testing.T) {
	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	for share, want := range map[float64]bool{1: false, 0.999999: true} {
		e := open(t, otlp.Config{URL: "http://127.0.0.1:1", Share: share})
		if _, span := e.Provider().Tracer("test").Start(t.Context(), "x"); span.IsRecording() != want {
			t.Errorf("with a share of %v a trace is kept: %v", share, !want)
		}
		e.Close(ended())
	}
}

// TestCollectorThatDoesNotAnswer: spans beyond the queue are dropped, and nothing waits
// but Close, as long as its context. Then what is being sent is cut off.
func TestCollectorThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	asked, cut := make(chan struct{}, 10), make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the end of the connection is not seen
		asked <- struct{}{}
		<-r.Context().Done()
		cut <- struct{}{}
	}))
	defer server.Close()
	var log bytes.Buffer
	e := open(t, otlp.Config{URL: server.URL, Share: 1, Log: slog.New(slog.NewTextHandler(&log, nil))})
	makeSpans(e, 600) // more than a batch
	<-asked
	makeSpans(e, 20_000) // ten times the queue
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	e.Close(ctx)
	if ctx.Err() == nil {
		t.Error("close did not wait")
	}
	<-cut
}

// TestCollectorThatRefuses: a failure is a line in the log. The collector's own words in
// it are few and cannot look like another line, and the headers are not in it.
func TestCollectorThatRefuses(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=secret-of-the-operator")
	var header http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "no\nlevel=ERROR msg=forged "+strings.Repeat("ä", 1<<20))
	}))
	defer server.Close()
	var log bytes.Buffer
	e := open(t, otlp.Config{URL: server.URL, Share: 1, Log: slog.New(slog.NewJSONHandler(&log, nil))})
	makeSpans(e, 1300)
	e.Close(t.Context())
	if text := log.String(); strings.Count(text, "\n") != 1 || len(text) > 600 || !strings.Contains(text, "traces could not be sent") || !strings.Contains(text, "403") {
		t.Errorf("the log is %.2000s", text)
	}
	if header.Get("Api-Key") != "secret-of-the-operator" || strings.Contains(log.String(), "secret-of-the-operator") {
		t.Errorf("the headers are %v, and the log %.600s", header, log.String())
	}
}

func TestConfigErrors(t *testing.T) {
	t.Parallel()
	nan := 0.0
	nan /= nan
	for want, cfg := range map[string]otlp.Config{
		"is a URL such as":                  {URL: "collector:4318", Share: 1},
		"a URL such as http":                {URL: "http://", Share: 1},
		"such as http":                      {URL: "grpc://collector:4317", Share: 1},
		"OTEL_EXPORTER_OTLP_HEADERS":        {URL: "http://me:hunter2@collector:4318", Share: 1},
		"variable OTEL_EXPORTER_OTLP":       {URL: "http://collector:4318?key=hunter2", Share: 1},
		"the share 0 is not above":          {URL: "http://collector:4318"},
		"the share 1.5 is not above":        {URL: "http://collector:4318", Share: 1.5},
		"the share NaN is not above 0":      {URL: "http://collector:4318", Share: nan},
		"a URL such as http://127.0.0.1:43": {URL: "http://me:hunter2@[::1", Share: 1},
	} {
		if _, err := otlp.New(cfg); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error is %v, want %q", cfg.URL, err, want)
		}
	}
}
