// Package metrics counts for Prometheus what the server does: requests, what
// happens to credentials, and operations of the store. Labels come from small
// fixed sets; a client cannot choose them. Package admin serves the metrics.
package metrics

import (
	"cmp"
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/observer"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// Metrics are those of one server. They are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	logins   *prometheus.CounterVec
	grants   *prometheus.CounterVec
	keys     *prometheus.CounterVec
	panics   prometheus.Counter
	stored   *prometheus.HistogramVec
	failed   *prometheus.CounterVec
	rates    *rates
}

var (
	_ observer.Observer = (*Metrics)(nil)
	_ audit.Sink        = (*Metrics)(nil)
)

// New returns metrics that are all zero, together with those of the Go runtime and
// of the process. The clock tells which minute of [Metrics.LastHour] it is; nil is
// [clock.System].
func New(c clock.Clock) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "dragoman", Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "dragoman", Name: name, Help: help, Buckets: buckets}, labels)
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: counter("requests_total", "Answered requests by dialect, route and status.", "dialect", "route", "status"),
		seconds: histogram("request_seconds", "Time to the end of an answer.",
			[]float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}, "dialect"),
		logins: counter("logins_total", "Logins by outcome: succeeded, failed, throttled or not_judged.", "dialect", "outcome"),
		grants: counter("grants_total", "Sessions and tokens by event: issued, renewed, revoked or replayed.", "dialect", "event"),
		keys:   counter("api_keys_total", "API keys presented, by outcome: used or refused.", "outcome"),
		panics: prometheus.NewCounter(prometheus.CounterOpts{Namespace: "dragoman", Name: "panics_total", Help: "Requests that ended in a panic."}),
		stored: histogram("store_seconds", "Time that an operation of the store takes.",
			[]float64{.00001, .0001, .0005, .001, .005, .01, .05, .1, .5, 1, 5}, "operation"),
		failed: counter("store_errors_total", "Operations of the store that failed.", "operation"),
		rates:  &rates{clock: cmp.Or[clock.Clock](c, clock.System{})},
	}
	m.registry.MustRegister(m.requests, m.seconds, m.logins, m.grants, m.keys, m.panics, m.stored, m.failed,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler serves the metrics in the text format of Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Request implements [observer.Observer].
func (m *Metrics) Request(r observer.Request) {
	m.requests.WithLabelValues(r.Dialect, r.Route, r.Status).Inc()
	m.seconds.WithLabelValues(r.Dialect).Observe(r.Took.Seconds())
	if serverError(r.Status) {
		m.rates.add(Errors)
	}
}

// Panic implements [observer.Observer].
func (m *Metrics) Panic() { m.panics.Inc() }

// The last label of each counter, by the kind of the event.
var (
	logins = map[audit.Kind]string{
		audit.LoginSucceeded: "succeeded", audit.LoginFailed: "failed", audit.LoginThrottled: "throttled", audit.LoginUnjudged: "not_judged",
	}
	grants = map[audit.Kind]string{
		audit.Issued: "issued", audit.Renewed: "renewed", audit.Revoked: "revoked", audit.Replayed: "replayed",
	}
	keys = map[audit.Kind]string{audit.KeyUsed: "used", audit.KeyRefused: "refused"}
)

// Record implements [audit.Sink].
func (m *Metrics) Record(_ context.Context, event audit.Event) {
	if rate, is := rated[event.Kind]; is {
		m.rates.add(rate)
	}
	if outcome, is := logins[event.Kind]; is {
		m.logins.WithLabelValues(event.Dialect, outcome).Inc()
	}
	if what, is := grants[event.Kind]; is {
		m.grants.WithLabelValues(event.Dialect, what).Inc()
	}
	if use, is := keys[event.Kind]; is {
		m.keys.WithLabelValues(use).Inc()
	}
}
