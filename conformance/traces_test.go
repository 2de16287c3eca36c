package conformance_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// shown keeps what spans show, but for their times and numbers, each line once.
type shown struct {
	mu    sync.Mutex
	lines map[string]bool
}

// ExportSpans implements [sdktrace.SpanExporter].
func (s *shown) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, span := range spans {
		all := tracetest.SpanStubFromReadOnlySpan(span)
		states := fmt.Sprint(all.SpanContext.TraceState(), all.Parent.TraceState())
		s.lines[fmt.Sprintf("%s %v %v %v %v %+v", all.Name, all.Attributes, all.Events, all.Links, states, all.Status)] = true
	}
	return nil
}

// Shutdown implements [sdktrace.SpanExporter].
func (s *shown) Shutdown(context.Context) error { return nil }

func (s *shown) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(slices.Sorted(maps.Keys(s.lines)), "\n")
}
