// Package doctor examines a subject before it is judged: whether it answers,
// whether its clock can be moved, whether each declared account logs in, whether
// the declared paths and capabilities are there. It finds mistakes of manifests
// and of environments, each with its cause and its fix. Whether a server is
// right is not for it to say: package conformance judges.
package doctor

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// timeout bounds one exchange of an examination.
const timeout = 10 * time.Second

// Examine looks at a subject that has started, in some of the dialects that its
// manifest declares, and returns what it finds. It logs in, asks for resources,
// and moves the clock by a minute; it guesses no password and changes nothing.
// Causes may quote the subject, and with it secrets. When ctx has ended by then,
// the findings say nothing.
func Examine(ctx context.Context, s *exchange.Subject, running *subject.Running, dialects []string) []report.Finding {
	e := &examination{subject: &exchange.Subject{
		HTTP: s.HTTP, GRPC: s.GRPC, Manifest: s.Manifest, Transport: s.Transport,
		GRPCTLS: s.GRPCTLS, Dial: s.Dial, Clock: s.Clock, Secrets: s.Secrets, Timeout: min(s.Timeout, timeout),
	}}
	e.clock(ctx, running)
	if e.subject.DateStands.Load() {
		s.DateStands.Store(true)
		s.TimeUnknown.Store(!e.learn(ctx, dialects) && running.Kind == alreadyRunning)
	}
	for _, dialect := range dialects {
		e.dialect(ctx, dialect)
	}
	if !slices.ContainsFunc(e.found, func(f report.Finding) bool { return f.Severity != report.Note }) {
		e.passwords(dialects) // where there is nothing worse
	}
	return e.found
}

type examination struct {
	subject *exchange.Subject
	found   []report.Finding
}

func (e *examination) find(severity report.Severity, where, fix, cause string) {
	e.found = append(e.found, report.Finding{Severity: severity, Where: where, Cause: cause, Fix: fix})
}

func (e *examination) warn(where, fix, cause string, args ...any) {
	e.find(report.Warning, where, fix, fmt.Sprintf(cause, args...))
}

// alreadyRunning is the kind of a subject that the judge has not started, so that
// earlier runs may have moved its clock.
const alreadyRunning = "url"

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
		e.moved(ctx, running.Kind == alreadyRunning)
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
func (e *examination) moved(ctx context.Context, longBefore bool) {
	before, noDate := e.date(ctx)
	if err := e.subject.Clock.Advance(ctx, move); err != nil {
		e.fatal("clock", "correct the clock section, or leave it out, and rows that need a clock will be untestable", "%v", err)
		return
	}
	if noDate == nil && !e.follows(ctx, before) {
		e.subject.DateStands.Store(true)
		if !longBefore { // its clock was moved by nobody else
			return
		}
		e.warn("clock", "let Date follow the clock, or start the subject afresh for each run; nothing is concluded from Date",
			"the time was moved, and the Date of answers has not followed")
	}
}

// date asks the subject over HTTP what time it is. The error says that it does
// not answer, or with no Date.
func (e *examination) date(ctx context.Context) (time.Time, error) {
	on := exchange.NewClient(e.subject, "", &evidence.Log{})
	a, err := on.Do(ctx, exchange.NewRequest(http.MethodGet, cmp.Or(e.subject.Manifest.Subject.Ready.Path, "/")))
	if err != nil {
		return time.Time{}, err
	}
	return http.ParseTime(a.Header.Get("Date"))
}

// dialect examines one dialect. Where nothing answers, or the full account
// cannot log in, there is nothing more to find.
func (e *examination) dialect(ctx context.Context, name string) {
	at := "dialects." + name
	on := exchange.NewClient(e.subject, name, &evidence.Log{})
	client, err := dialect.New(on)
	if err != nil {
		e.warn(at, "correct the manifest", "%v", err)
		return
	}
	p := &probe{examination: e, Client: client, on: on, at: at + "."}
	declared := e.subject.Manifest.Dialects
	switch client := client.(type) {
	case dialect.Session:
		p.session(ctx, declared.Session)
	case dialect.Form:
		p.form(ctx, declared.Form)
	case *dialect.RPC:
		p.rpc(ctx, declared.RPC, client)
		if err := client.Close(); err != nil {
			e.warn(at, "look into the subject's log", "the connection cannot be closed: %v", err)
		}
	case dialect.Scoped:
		p.scoped(ctx, declared.Scoped)
	}
}
