// Package doctor examines a subject before it is judged: whether it answers,
// whether its clock can be moved, whether each declared account logs in, whether
// the declared paths and capabilities are there. It finds mistakes of manifests
// and of environments, each with its cause and its fix. Whether a server is
// right is not for it to say: package conformance judges.
package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// patience bounds one exchange of an examination.
const patience = 10 * time.Second

// Examine looks at a subject that has started, in some of the dialects that its
// manifest declares, and returns what it finds. It logs in, asks for resources,
// and moves the clock by a minute; it guesses no password and changes nothing.
// Causes may quote the subject, and with it secrets. When ctx has ended by then,
// the findings say nothing.
func Examine(ctx context.Context, s *steps.Subject, running *subject.Running, dialects []string) []report.Finding {
	e := &examination{subject: &steps.Subject{
		HTTP: s.HTTP, GRPC: s.GRPC, Manifest: s.Manifest, Transport: s.Transport,
		Clock: s.Clock, Secrets: s.Secrets, Timeout: min(s.Timeout, patience),
	}}
	e.clock(ctx, running)
	for _, dialect := range dialects {
		e.dialect(ctx, dialect)
	}
	return e.found
}

type examination struct {
	subject *steps.Subject
	found   []report.Finding
}

func (e *examination) find(severity report.Severity, where, fix, cause string) {
	e.found = append(e.found, report.Finding{Severity: severity, Where: where, Cause: cause, Fix: fix})
}

func (e *examination) warn(where, fix, cause string, args ...any) {
	e.find(report.Warning, where, fix, fmt.Sprintf(cause, args...))
}

// move is by how much the clock is moved, to see whether it can be.
const move = time.Minute

func (e *examination) fatal(where, fix, cause string, args ...any) {
	e.find(report.Fatal, where, fix, fmt.Sprintf(cause, args...))
}

func (e *examination) clock(ctx context.Context, running *subject.Running) {
	switch declared := e.subject.Manifest.Clock; {
	case declared == nil:
		e.find(report.Note, "clock", "say in the clock section how its time is moved, or how long may be waited",
			"there is none, so that rows about the ends of tokens cannot be judged")
	case declared.Wait > 0:
	default:
		e.moved(ctx)
	}
	if ahead := running.Ahead; ahead != 0 {
		side := "ahead of"
		if ahead < 0 {
			side = "behind"
		}
		e.find(report.Note, "clock skew", "it is reckoned with; set the clock of the subject or of this machine right if that surprises you",
			fmt.Sprintf("the subject's Date is %s %s this machine's time", humanize.Duration(ahead.Abs()), side))
	}
}

// moved moves the clock, and sees whether the subject's Date follows. Where
// there is no Date, that is not about the clock.
func (e *examination) moved(ctx context.Context) {
	before, noDate := e.subject.Date(ctx)
	if err := e.subject.Clock.Advance(ctx, move); err != nil {
		e.fatal("clock", "correct the clock section, or leave it out, and rows that need a clock will be untestable", "%v", err)
		return
	}
	if after, err := e.subject.Date(ctx); err == nil && noDate == nil && after.Sub(before) < move/2 {
		e.warn("clock", "let Date follow the clock, or start the subject afresh for each run: the judge reads the subject's time from Date when it begins",
			"the time was moved, and the Date of answers has not followed")
	}
}

// dialect examines one dialect. Where nothing answers, or the full account
// cannot log in, there is nothing more to find.
func (e *examination) dialect(ctx context.Context, dialect string) {
	v, err := steps.NewVisitor(dialect, e.subject)
	if err != nil {
		e.warn("dialects."+dialect, "correct the manifest", "%v", err)
		return
	}
	p := &patient{examination: e, Visitor: v, at: "dialects." + dialect + "."}
	defer func() {
		if err := v.Close(); err != nil {
			e.warn("dialects."+dialect, "look into the subject's log", "the connection cannot be closed: %v", err)
		}
	}()
	switch d := e.subject.Manifest.Dialects; dialect {
	case "session":
		p.session(ctx, d.Session)
	case "form":
		p.form(ctx, d.Form)
	case "rpc":
		p.rpc(ctx, d.RPC)
	case "scoped":
		p.scoped(ctx, d.Scoped)
	}
}
