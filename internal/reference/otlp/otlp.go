// Package otlp sends spans to a collector by OTLP over HTTP. No request waits for it:
// spans wait in a queue of fixed length, and those that find it full are dropped.
//
// The standard variables OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER,
// OTEL_BSP_*, OTEL_SPAN_* and OTEL_EXPORTER_OTLP_* (headers, certificates, timeout,
// compression) count, but for the endpoint.
package otlp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/url"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// Config says where spans go.
type Config struct {
	// URL is that of the collector, such as http://127.0.0.1:4318. Without a path it is
	// /v1/traces.
	URL string
	// Share is the share of the traces that begin at this server which are kept, above 0
	// and at most 1; a client that sends a traceparent decides itself. 1 leaves it to the
	// variable OTEL_TRACES_SAMPLER, and where that is unset keeps all.
	Share float64
	// Version is that of the service.
	Version string
	// Log receives failures, at most one line in a minute. Nil: they are discarded.
	Log *slog.Logger
}

// Exporter sends the spans of its provider. It is safe for concurrent use.
type Exporter struct {
	provider *sdktrace.TracerProvider
	queue    sdktrace.SpanProcessor
	sender   *sender
}

// New checks the configuration and returns an exporter, which connects when it has spans.
// The caller closes it.
func New(cfg Config) (*Exporter, error) {
	endpoint, err := endpointOf(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("send traces: %w", err)
	}
	if math.IsNaN(cfg.Share) || cfg.Share <= 0 || cfg.Share > 1 {
		return nil, fmt.Errorf("send traces: the share %v is not above 0 and at most 1", cfg.Share)
	}
	ctx := context.Background() // neither of the two connects
	inner, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint))
	if err != nil {
		return nil, fmt.Errorf("send traces: %w", err)
	}
	service, err := resource.New(ctx,
		resource.WithAttributes(semconv.ServiceName("dragoman"), semconv.ServiceVersion(cfg.Version)),
		resource.WithHost(), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("send traces: OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	e := &Exporter{sender: newSender(inner, cfg.Log)}
	e.queue = sdktrace.NewBatchSpanProcessor(e.sender)
	options := []sdktrace.TracerProviderOption{sdktrace.WithSpanProcessor(e.queue), sdktrace.WithResource(service)}
	if cfg.Share < 1 {
		options = append(options, sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(cfg.Share))))
	}
	e.provider = sdktrace.NewTracerProvider(options...)
	return e, nil
}

// endpointOf checks the URL of a collector. Errors do not repeat it: it may hold a
// password.
func endpointOf(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return "", errors.New("the collector is a URL such as http://127.0.0.1:4318 or https://collector.example/v1/traces")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("the URL of the collector has only a host and a path: credentials belong into the variable OTEL_EXPORTER_OTLP_HEADERS")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	return u.String(), nil
}

// Provider makes the spans that are sent.
func (e *Exporter) Provider() trace.TracerProvider { return e.provider }

// Close sends what waits in the queue, until ctx ends, and ends all that the exporter has
// started. What could not be sent by then is lost. Call it once.
func (e *Exporter) Close(ctx context.Context) {
	if err := e.queue.Shutdown(ctx); err != nil {
		e.sender.failed(ctx, err, 0)
		e.sender.cutOff()
	}
	_ = e.provider.Shutdown(ctx) // spans that begin later are none
}
