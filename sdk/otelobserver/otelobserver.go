// Package otelobserver turns the events of an [sdk.Client] into OpenTelemetry
// spans and metrics:
//
//	observer, err := otelobserver.New()
//	client, err := sdk.New(address, dialect, sdk.WithObserver(observer))
//
// Logins, renewals and revocations become spans, children of the call that
// waited for them. The metrics are
//
//	dragoman.token.operations   counter of logins, renewals, revocations and adoptions from the store
//	dragoman.token.duration     histogram of their duration, in seconds
//	dragoman.token.rejections   counter of tokens that a server rejected
//	dragoman.request.replays    counter of requests that were sent again
//
// with the attributes dragoman.dialect, server.address, dragoman.operation and
// error.type. There are no tokens, users or paths in either.
package otelobserver

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/dragoman-auth/dragoman/sdk"
)

// scope names this package as the source of spans and metrics.
const scope = "github.com/dragoman-auth/dragoman/sdk/otelobserver"

// Option changes a setting of [New].
type Option func(*settings)

type settings struct {
	tracers trace.TracerProvider
	meters  metric.MeterProvider
}

// WithTracerProvider sends spans to provider instead of the global one.
func WithTracerProvider(provider trace.TracerProvider) Option {
	return func(s *settings) { s.tracers = provider }
}

// WithMeterProvider sends metrics to provider instead of the global one.
func WithMeterProvider(provider metric.MeterProvider) Option {
	return func(s *settings) { s.meters = provider }
}

// observer implements [sdk.Observer]. It is safe for concurrent use.
type observer struct {
	tracer     trace.Tracer
	operations metric.Int64Counter
	durations  metric.Float64Histogram
	rejections metric.Int64Counter
	replays    metric.Int64Counter
}

// New returns an observer. It fails if the provider refuses an instrument.
func New(options ...Option) (sdk.Observer, error) {
	s := settings{tracers: otel.GetTracerProvider(), meters: otel.GetMeterProvider()}
	for _, option := range options {
		if option != nil {
			option(&s)
		}
	}
	if s.tracers == nil || s.meters == nil {
		return nil, fmt.Errorf("new OpenTelemetry observer: a provider is nil: %w", sdk.ErrConfig)
	}
	meter := s.meters.Meter(scope)
	o := &observer{tracer: s.tracers.Tracer(scope)}
	var errs [4]error
	o.operations, errs[0] = meter.Int64Counter("dragoman.token.operations", metric.WithDescription("Logins, renewals, revocations and adoptions of tokens"))
	o.durations, errs[1] = meter.Float64Histogram("dragoman.token.duration", metric.WithUnit("s"), metric.WithDescription("Duration of token operations"))
	o.rejections, errs[2] = meter.Int64Counter("dragoman.token.rejections", metric.WithDescription("Tokens that the server rejected"))
	o.replays, errs[3] = meter.Int64Counter("dragoman.request.replays", metric.WithDescription("Requests that were sent again with another token"))
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("new OpenTelemetry observer: %w", err)
	}
	return o, nil
}

// Observe implements [sdk.Observer].
func (o *observer) Observe(ctx context.Context, event sdk.Event) {
	attributes := []attribute.KeyValue{
		attribute.String("dragoman.dialect", event.Dialect),
		attribute.String("server.address", event.Origin),
	}
	switch event.Kind {
	case sdk.EventReject:
		o.rejections.Add(ctx, 1, metric.WithAttributes(attributes...))
	case sdk.EventReplay:
		o.replays.Add(ctx, 1, metric.WithAttributes(attributes...))
	case sdk.EventLogin, sdk.EventRenew, sdk.EventRevoke, sdk.EventAdopt:
		attributes = append(attributes, attribute.String("dragoman.operation", string(event.Kind)))
		if event.Err != nil {
			attributes = append(attributes, attribute.String("error.type", errorType(event.Err)))
		}
		o.operations.Add(ctx, 1, metric.WithAttributes(attributes...))
		if !event.Start.IsZero() {
			o.durations.Record(ctx, event.Duration.Seconds(), metric.WithAttributes(attributes...))
			o.span(ctx, event, attributes)
		}
	}
}

// span records an operation that is over.
func (o *observer) span(ctx context.Context, event sdk.Event, attributes []attribute.KeyValue) {
	_, span := o.tracer.Start(ctx, "dragoman "+string(event.Kind), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithTimestamp(event.Start), trace.WithAttributes(attributes...), trace.WithAttributes(attribute.Bool("dragoman.background", event.Background)))
	if event.Err != nil {
		span.SetStatus(codes.Error, event.Err.Error())
	}
	span.End(trace.WithTimestamp(event.Start.Add(event.Duration)))
}

// errorType is the status or the code of a failure, of which there are few.
func errorType(err error) string {
	var e *sdk.Error
	switch {
	case !errors.As(err, &e):
		return "other"
	case e.Code != "":
		return e.Code
	case e.Status != 0:
		return strconv.Itoa(e.Status)
	case e.Temporary:
		return "unavailable"
	default:
		return "refused"
	}
}
