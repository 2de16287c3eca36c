package otlp

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// failing is an exporter to a collector that is down.
type failing struct{ sdktrace.SpanExporter }

func (failing) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error {
	return errors.New("connection refused")
}

// TestFailuresAreLoggedSeldom: once a minute, with all that was lost.
func TestFailuresAreLoggedSeldom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := newSender(failing{}, slog.New(slog.NewTextHandler(&log, nil)))
		for range 121 { // two minutes
			if err := s.ExportSpans(t.Context(), make([]sdktrace.ReadOnlySpan, 3)); err != nil {
				t.Errorf("the library is told: %v", err)
			}
			<-time.After(time.Second)
		}
		var counts []string
		for line := range strings.Lines(log.String()) {
			_, rest, _ := strings.Cut(line, "spans=")
			count, _, _ := strings.Cut(rest, " ")
			counts = append(counts, count)
		}
		if got := strings.Join(counts, " "); got != "3 180 180" {
			t.Errorf("the lines count %s: %s", got, log.String())
		}
	})
}
