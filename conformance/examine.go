package conformance

import (
	"context"
	"errors"

	"github.com/dragoman-auth/dragoman/conformance/doctor"
	"github.com/dragoman-auth/dragoman/conformance/evidence"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/steps"
	"github.com/dragoman-auth/dragoman/conformance/subject"
)

// Examine starts the subject of a manifest and examines whether it can be
// judged, without judging it. No finding means that all is well. That the
// subject cannot be started or reached is a finding too. The error is a
// *UsageError. What was started is stopped before Examine returns.
func Examine(ctx context.Context, m *manifest.Manifest, o Options) ([]doctor.Finding, error) {
	o = o.complete()
	dialects, err := selectDialects(m, o.Dialects)
	if err != nil {
		return nil, err
	}
	secrets := secretsOf(m)
	running, err := subject.Start(ctx, m, o.Subject)
	if err != nil {
		return hidden(secrets, []doctor.Finding{unreached(err)}), nil
	}
	defer running.Stop()
	o.say("examining " + secrets.Hide(m.Name) + ", " + secrets.Hide(running.Runs))
	return hidden(secrets, doctor.Examine(ctx, newSubject(m, o, running, secrets), running, dialects)), nil
}

// unreached is the finding that a subject cannot be started or reached. The
// error says what to do, where that is known.
func unreached(err error) doctor.Finding {
	return doctor.Finding{Where: "subject", Cause: err.Error(), Cure: "nothing can be judged before that", Fatal: true}
}

func hidden(secrets *evidence.Secrets, findings []doctor.Finding) []doctor.Finding {
	for i := range findings {
		findings[i].Cause = secrets.Hide(findings[i].Cause)
	}
	return findings
}

// newSubject is a subject as the steps reach it.
func newSubject(m *manifest.Manifest, o Options, running *subject.Running, secrets *evidence.Secrets) *steps.Subject {
	return &steps.Subject{
		HTTP: running.HTTP, GRPC: running.GRPC, Manifest: m, Transport: running.Transport,
		Clock: subject.NewClock(running, m.Clock), Secrets: secrets, Timeout: o.Timeout,
	}
}

// fatal joins the findings that nothing can be judged with. The others are
// said, and judging goes on: they may be the subject's own fault.
func (o Options) fatal(findings []doctor.Finding) error {
	var errs []error
	for _, f := range findings {
		if f.Fatal {
			errs = append(errs, errors.New(f.String()))
			continue
		}
		o.say("doctor: " + f.String())
	}
	return errors.Join(errs...)
}
