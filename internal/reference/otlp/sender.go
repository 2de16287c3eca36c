package otlp

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// cutOffTime bounds the wait for an export that is aborted.
const cutOffTime = time.Second

// logEvery bounds how often failures are logged, and maxReason how much of one, in bytes:
// a collector chooses some of it.
const (
	logEvery  = time.Minute
	maxReason = 256
)

// sender logs the failures of an exporter and returns none: the library would pass them to
// a handler of the whole process. It is safe for concurrent use.
type sender struct {
	sdktrace.SpanExporter
	log   *slog.Logger
	ended chan struct{} // closed by Shutdown, which the queue calls when it is empty

	mu     sync.Mutex
	logged time.Time // when a failure was logged last
	lost   int       // spans that no line has counted
}

func newSender(to sdktrace.SpanExporter, log *slog.Logger) *sender {
	return &sender{SpanExporter: to, log: cmp.Or(log, slog.New(slog.DiscardHandler)), ended: make(chan struct{})}
}

// ExportSpans implements [sdktrace.SpanExporter]. It never returns an error.
func (s *sender) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if err := s.SpanExporter.ExportSpans(ctx, spans); err != nil {
		s.failed(ctx, err, len(spans))
	}
	return nil
}

// Shutdown implements [sdktrace.SpanExporter].
func (s *sender) Shutdown(ctx context.Context) error {
	defer close(s.ended)
	return s.SpanExporter.Shutdown(ctx)
}

// cutOff aborts the running export and waits until the queue is empty.
func (s *sender) cutOff() {
	ctx, cancel := context.WithTimeout(context.Background(), cutOffTime)
	defer cancel()
	_ = s.SpanExporter.Shutdown(ctx)
	select {
	case <-s.ended:
	case <-ctx.Done():
	}
}

// failed logs why spans were lost, or counts them for a later line.
func (s *sender) failed(ctx context.Context, err error, spans int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost += spans
	now := time.Now()
	if !s.logged.IsZero() && now.Sub(s.logged) < logEvery {
		return
	}
	reason := err.Error()
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + "..."
	}
	s.log.WarnContext(ctx, "traces could not be sent", "spans", s.lost, "error", reason)
	s.logged, s.lost = now, 0
}
