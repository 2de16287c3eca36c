package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/conformance/doctor"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

// Options say how a run goes. The zero Options are ready.
type Options struct {
	// Dialects to judge; none means all that the manifest declares.
	Dialects []string
	// Only these requirements, by id; none means all.
	Only []string
	// Profile is "core" for MUST rows only, or "extended" for all, which is the
	// default.
	Profile string
	// Requirements is the version of a frozen set of rows, as "1.0"; other rows
	// are not judged. Default: all rows that the suite has.
	Requirements string
	// Strict lets warnings and untestable rows make a subject non-conformant.
	Strict bool
	// Repeat is how often each scenario runs. One that does not end alike each
	// time is unstable, its worst outcome counts, and the report says so.
	// Default 1.
	Repeat int
	// Shuffle runs the scenarios, but for those that may lock an account, in an order that is drawn from
	// Seed, another one in each repetition.
	Shuffle bool
	Seed    uint64
	// Workers is how many plain scenarios run at once. Default 4.
	Workers int
	// Pace bounds how fast the subject is asked, in place of the manifest's pace.
	Pace *manifest.Pace
	// Timeout bounds one exchange with the subject. Default 30 s.
	Timeout time.Duration
	// ScenarioTimeout bounds one scenario. Default 5 minutes.
	ScenarioTimeout time.Duration
	// Binary is a statically linked Linux build of dragoman. With it, the
	// built-in reference runs in a container FROM scratch where an engine
	// answers; without it, or without an engine, it runs in this process.
	Binary string
	// Dial opens a connection to a subject that the manifest names by url, as HTTP
	// and as gRPC; network is "tcp", and address has a host and a port. A server in
	// the same process can be judged without a port by it, and one behind a tunnel
	// without a name. Default a net.Dialer. It has to be safe for concurrent use.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Say gets a line on what happens and why, as progress for people: every ten
	// seconds how far the run is, and each long wait. It may be called from another
	// goroutine, one call at a time with those of the run itself. Default none; Test
	// says it to its test's log.
	Say func(line string)
	// ManifestDigest is the SHA-256 of the manifest's file in hex, for the
	// report. Default that of the manifest as it was understood, without its
	// secrets.
	ManifestDigest string
	// Now is our own time: the subject's is compared with it and then reckoned
	// by it, and the ledger's end dates are. Default time.Now.
	Now func() time.Time
	// Sleep lets our own time pass, for less than some seconds at a time. Default
	// really waits; whoever sets Now to a time that does not go on by itself sets
	// this, too.
	Sleep func(ctx context.Context, d time.Duration) error
	// Exchanges keeps what went over the wire also of scenarios that pass. A report
	// of a whole run becomes some megabytes longer by that.
	Exchanges bool
	// Unexamined leaves out the examination that comes before judging.
	Unexamined bool

	// What is judged by: a tree of features, and its steps. Defaults are the
	// built-in ones; the tests of the harness have others.
	suite fs.FS
	steps bindSteps
}

type bindSteps func(sc *godog.ScenarioContext, dialect string, s *exchange.Subject, log *evidence.Log) error

func (o Options) complete() Options {
	if o.Workers <= 0 {
		o.Workers = 4
	}
	if o.Repeat <= 0 {
		o.Repeat = 1
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.ScenarioTimeout <= 0 {
		o.ScenarioTimeout = 5 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.steps != nil {
		o.Unexamined = true // the tiny servers of the harness's tests speak no dialect
	}
	return o
}

// describe tells the reader of a report how it was judged.
func (o Options) describe(s *report.Suite) {
	s.Requirements, s.Strict = o.Requirements, o.Strict
	if o.Profile == coreProfile {
		s.Profile = o.Profile
	}
	if o.Repeat > 1 {
		s.Repeats = o.Repeat
	}
	if o.Shuffle {
		s.Seed = o.Seed
	}
}

func (o Options) say(line string) {
	if o.Say != nil {
		o.Say(line)
	}
}

// start says how the subject is started.
func (o Options) start() subject.Options {
	return subject.Options{Binary: o.Binary, Dial: o.Dial, Say: o.Say, Now: o.Now, Sleep: o.Sleep}
}

// catalogue reads what is judged by.
func (o Options) catalogue() (*catalogue.Catalogue, error) {
	if o.suite == nil {
		return builtin()
	}
	return catalogue.Load(o.suite)
}

// builtin is the built-in suite, read once for all runs.
var builtin = sync.OnceValues(func() (*catalogue.Catalogue, error) { return catalogue.Load(features.FS) })

// builtinSteps are the built-in steps, whose expressions are compiled once for all runs.
var builtinSteps = sync.OnceValue(func() *steps.Definitions { return new(steps.Definitions) })

// stepsOf says what binds the steps of a scenario.
func (o Options) stepsOf(s *catalogue.Scenario) bindSteps {
	if o.steps != nil {
		return o.steps
	}
	return func(sc *godog.ScenarioContext, dialect string, subject *exchange.Subject, log *evidence.Log) error {
		return builtinSteps().Register(sc, s.Texts(), dialect, subject, log)
	}
}

// UsageError is a run that cannot be planned: an unknown dialect or id.
type UsageError struct{ Problem string }

func (e *UsageError) Error() string { return e.Problem }

// Run judges the subject of a manifest. It returns a report whatever it finds,
// also when the subject cannot be started, when the context ends (with what was
// found by then) and when the harness fails, even by a panic. The error is a
// *UsageError and there is no report when the options make no sense. What was
// started is stopped before Run returns.
func Run(ctx context.Context, m *manifest.Manifest, o Options) (*report.Report, error) {
	out := gate{secretsOf(m)}
	o = o.complete()
	o.Say = out.say(o.Say)
	r, err := run(ctx, m, o, out)
	if err != nil {
		return nil, err
	}
	out.report(r)
	return r, nil
}

// run is Run before the gate.
func run(ctx context.Context, m *manifest.Manifest, o Options, out gate) (result *report.Report, err error) {
	r := &report.Report{
		Subject: report.Subject{Name: m.Name}, Suite: report.Suite{Version: catalogue.Version, Only: o.Only},
		Manifest:     cmp.Or(o.ManifestDigest, manifestDigest(m, out.secrets)),
		Requirements: []report.Requirement{}, Errors: []report.Error{}, Started: time.Now(),
	}
	var plan *plan
	defer func() {
		if p := recover(); p != nil {
			result, err = afterPanic(r, plan, out, p), nil
		}
	}()
	suite, err := o.catalogue()
	if err != nil {
		return broken(r, report.Harness, err), nil
	}
	r.Suite.Digest = suite.Digest
	plan, err = newPlan(suite, m, o)
	if err != nil {
		return nil, err
	}
	r.Suite.Dialects = plan.dialects
	o.describe(&r.Suite)
	running, err := subject.Start(ctx, m, o.start())
	if err != nil {
		plan.report(r, "the subject was not reached")
		if ctx.Err() != nil {
			return broken(r, report.Environment, interrupted(ctx)), nil
		}
		return broken(r, report.Environment, err), nil
	}
	defer running.Stop()
	defer func() { // whatever became of the run
		if r.Conclusion != report.Conformant || slices.ContainsFunc(r.Requirements, report.Requirement.Broken) {
			r.Subject.Log = running.LastLogs()
		}
	}()
	r.Subject = report.Subject{
		Name: m.Name, Kind: running.Kind, Runs: running.Runs, HTTP: running.HTTP, GRPC: running.GRPC, Digest: running.Digest(ctx),
	}
	if running.HTTP2 {
		r.Subject.Runs += ", over HTTP/2, for it speaks no HTTP/1.1"
	}
	o.say("judging " + r.Subject.Name + ", " + r.Subject.Runs)
	judged := newSubject(m, o, running, out.secrets)
	if !o.Unexamined {
		if found := doctor.Examine(ctx, judged, running, plan.dialects); ctx.Err() == nil {
			r.Findings = out.findings(found...)
		}
		if err := o.fatal(r.Findings); err != nil {
			plan.report(r, "the subject cannot be judged before its manifest or its environment is fixed")
			return broken(r, report.Environment, err), nil
		}
	}
	judge(ctx, m, o, plan, running, judged, out, r)
	return r, nil
}

// broken closes a report of a run that did not get to judging.
func broken(r *report.Report, kind report.ErrorKind, err error) *report.Report {
	r.Errors = append(r.Errors, report.Error{Kind: kind, Text: err.Error()})
	r.Close(time.Now())
	return r
}

// afterPanic closes the report of a run in which the harness itself broke.
func afterPanic(r *report.Report, p *plan, out gate, value any) *report.Report {
	const why = "the harness failed before it was judged"
	if p != nil && len(r.Requirements) != len(p.rows) {
		r.Requirements = r.Requirements[:0]
		out.evidence(p, false, report.Shell{})
		p.report(r, why)
	}
	r.Partial = true
	return broken(r, report.Harness, fmt.Errorf("the harness panicked, and this report is partial: %v", value))
}

// judge runs the plan against a subject that answers, and closes the report.
func judge(ctx context.Context, m *manifest.Manifest, o Options, p *plan, running *subject.Running, judged *exchange.Subject, out gate, r *report.Report) {
	runner := &runner{
		options: o, unanswered: map[string]int{}, locked: map[string]string{},
		subject: judged, answers: running.Answers, progress: newProgress(o.Say, p),
	}
	judged.Waits = runner.progress.waits
	stop := runner.progress.start()
	defer stop() // also where the harness panics
	runner.run(ctx, p)
	out.evidence(p, o.Exchanges, report.Shell{
		HTTP: running.HTTP, GRPC: running.GRPC, Curl: curlFlags(m, running), Grpcurl: trustFlags(m.TrustOverGRPC(), "-"), Proto: authProto(),
	})
	p.report(r, "it did not run")
	applyLedger(r, m.KnownDeviations, p, o.Now())
	r.Errors = append(r.Errors, runner.errors...)
	r.Errors = append(r.Errors, runner.unresponsive(r.Requirements)...)
	if ctx.Err() != nil {
		r.Partial = true
		r.Errors = append(r.Errors, report.Error{Kind: report.Environment, Text: interrupted(ctx).Error()})
	}
	r.Findings = append(r.Findings, out.findings(runner.disturbanceFindings()...)...)
	printed, line := running.Logs()
	r.Findings = append(r.Findings, out.findings(secretsInLog(out.secrets, printed, line)...)...)
	r.Close(time.Now())
}

// authProto is the judge's own description of the authentication service, or ""
// where it is not there.
func authProto() string {
	source, err := features.FS.ReadFile("rpc/auth.proto")
	if err != nil {
		return ""
	}
	return string(source)
}

// interrupted says that ctx has ended, and why where that is known.
func interrupted(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return fmt.Errorf("the run was interrupted: %w", cause)
	}
	return errors.New("the run was interrupted")
}
