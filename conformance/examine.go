package conformance

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/doctor"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

// Examine starts the subject of a manifest and examines whether it can be
// judged, without judging it. No finding means that all is well. That the
// subject cannot be started or reached is a finding too. The error is a
// *UsageError, or the cause of ctx where it has ended, for then nothing was
// found out. What was started is stopped before Examine returns.
func Examine(ctx context.Context, m *manifest.Manifest, o Options) ([]report.Finding, error) {
	out := gate{secretsOf(m)}
	o = o.complete()
	o.Say = out.say(o.Say)
	dialects, err := selectDialects(m, o.Dialects)
	if err != nil {
		return nil, err
	}
	running, err := subject.Start(ctx, m, o.start())
	if ctx.Err() == nil && err != nil {
		return out.findings(unreached(err)), nil
	}
	if err == nil {
		defer running.Stop()
		o.say("examining " + m.Name + ", " + running.Runs)
		found := doctor.Examine(ctx, newSubject(m, o, running, out.secrets), running, dialects)
		isWorse := func(f report.Finding) bool { return f.Severity != report.Note }
		if printed := running.LastLogs(); printed != "" && slices.ContainsFunc(found, isWorse) {
			found = append(found, report.Finding{
				Severity: report.Note, Where: "subject", Cause: subject.LastLines(printed), Fix: "see whether that explains what was found",
			})
		}
		if ctx.Err() == nil {
			return out.findings(found...), nil
		}
	}
	return nil, out.error("examine "+m.Name, context.Cause(ctx))
}

// unreached is the finding that a subject cannot be started or reached. The
// error says what to do, where that is known.
func unreached(err error) report.Finding {
	return report.Finding{Severity: report.Fatal, Where: "subject", Cause: err.Error(), Fix: "nothing can be judged before that"}
}

// newSubject is a subject as the steps reach it.
func newSubject(m *manifest.Manifest, o Options, running *subject.Running, secrets *evidence.Secrets) *exchange.Subject {
	return &exchange.Subject{
		Pace: exchange.NewPace(cmp.Or(o.Pace, m.Pace)),
		HTTP: running.HTTP, GRPC: running.GRPC, Manifest: m, Transport: running.Transport, HTTP2: running.HTTP2,
		GRPCTLS: running.GRPCTLS, Dial: running.Dial, Clock: subject.NewClock(running, m.Clock), Secrets: secrets, Timeout: o.Timeout,
	}
}

// fatal joins the findings that nothing can be judged with. The others are
// said, and judging goes on: they may be the subject's own fault.
func (o Options) fatal(findings []report.Finding) error {
	var errs []error
	for _, f := range findings {
		if f.Severity == report.Fatal {
			errs = append(errs, errors.New(f.String()))
			continue
		}
		o.say("doctor: " + f.String())
	}
	return errors.Join(errs...)
}
