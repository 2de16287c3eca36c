package otelobserver_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/otelobserver"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// counters sums up the counters of a reader by name.
func counters(t *testing.T, reader metric.Reader) (sums map[string]int64, all string) {
	t.Helper()
	var collected metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &collected); err != nil {
		t.Fatal(err)
	}
	sums = map[string]int64{}
	for _, scope := range collected.ScopeMetrics {
		for _, m := range scope.Metrics {
			if sum, ok := m.Data.(metricdata.Sum[int64]); ok {
				for _, point := range sum.DataPoints {
					sums[m.Name] += point.Value
				}
			}
			if histogram, ok := m.Data.(metricdata.Histogram[float64]); ok {
				for _, point := range histogram.DataPoints {
					sums[m.Name] += int64(point.Count)
				}
			}
		}
	}
	return sums, fmt.Sprintf("%+v", collected)
}

func TestSpansAndMetrics(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewSpanRecorder()
	tracers := trace.NewTracerProvider(trace.WithSpanProcessor(spans))
	reader := metric.NewManualReader()
	observer, err := otelobserver.New(otelobserver.WithTracerProvider(tracers),
		otelobserver.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(reader))))
	if err != nil {
		t.Fatal(err)
	}
	office := fakeoffice.New()
	client, err := sdk.New("https://office.example", session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)),
		sdk.WithHTTPTransport(memhttp.Transport(office)), sdk.WithObserver(observer))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Stop(context.Background()) })
	ctx, parent := tracers.Tracer("test").Start(t.Context(), "parent")
	if err := client.Login(ctx); err != nil {
		t.Fatal(err)
	}
	office.EndAll()
	if _, err := client.R(ctx).Get("/users"); err != nil {
		t.Fatal(err)
	}
	parent.End()

	var names []string
	for _, span := range spans.Ended() {
		if span.Name() == "parent" {
			continue
		}
		names = append(names, span.Name())
		if span.Parent().SpanID() != parent.SpanContext().SpanID() {
			t.Errorf("%s is no child of the call that waited for it", span.Name())
		}
		if failed := span.Status().Code == codes.Error; failed != (span.Name() == "dragoman renew") {
			t.Errorf("%s: status %v", span.Name(), span.Status())
		}
		if text := fmt.Sprintf("%+v %+v %+v", span.Attributes(), span.Status(), span.Events()); strings.Contains(text, "secret-") || strings.Contains(text, fakeoffice.Password) {
			t.Errorf("the span shows a secret: %s", text)
		}
	}
	if got := strings.Join(names, ","); got != "dragoman login,dragoman renew,dragoman login" {
		t.Errorf("spans: %s", got)
	}
	sums, all := counters(t, reader)
	for name, want := range map[string]int64{
		"dragoman.token.operations": 3, "dragoman.token.duration": 3, "dragoman.token.rejections": 1, "dragoman.request.replays": 1,
	} {
		if sums[name] != want {
			t.Errorf("%s is %d, want %d", name, sums[name], want)
		}
	}
	if strings.Contains(all, "secret-") || strings.Contains(all, fakeoffice.Password) || strings.Contains(all, fakeoffice.User) {
		t.Errorf("the metrics show a secret or the user: %s", all)
	}
	if !strings.Contains(all, "401") {
		t.Errorf("the metrics do not tell the failure apart: %s", all)
	}
}

func TestNilProviders(t *testing.T) {
	t.Parallel()
	if _, err := otelobserver.New(otelobserver.WithTracerProvider(nil)); err == nil {
		t.Error("no error for a nil provider")
	}
}
