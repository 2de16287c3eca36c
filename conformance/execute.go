package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// result is what one execution of a scenario found.
type result struct {
	report.Scenario
	clock      bool // the subject's time could not be moved
	late       bool // an answer came too late to say anything
	lock       bool // an account is locked permanently
	unanswered bool // it failed for want of an answer
	log        *evidence.Log
	failed     catalogue.Part // the step that did not pass
}

// grace is how long a scenario may take to end after its time is up. A step
// that does not heed its context then is the harness's fault.
const grace = 10 * time.Second

// execute runs one scenario under godog and says what became of it. godog's
// own verdict is not asked, for it counts skipped scenarios and empty runs as
// passed: what the hooks saw is what counts. It may run in a goroutine, and a panic
// of the harness costs this scenario alone.
func (r *runner) execute(ctx context.Context, c *testCase) (found result) {
	defer func() {
		if p := recover(); p != nil {
			found.Outcome, found.Reason = report.HarnessFailed, fmt.Sprintf("panic: %v", p)
		}
	}()
	defer r.progress.runs(c)()
	ctx, cancel := context.WithTimeout(ctx, r.scenarioTimeout(c))
	defer cancel()
	watch := &watcher{parts: c.scenario.Parts, row: c.row.Requirement}
	started := time.Now()
	done := make(chan struct{})
	go func() { // ends with the scenario, whose steps heed ctx
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				watch.harness("panic: %v", p)
			}
		}()
		r.suite(ctx, c, watch).Run()
	}()
	r.await(ctx, done, watch)
	found = watch.result()
	found.Seconds = time.Since(started).Seconds()
	found.log = &watch.log
	last, _ := watch.log.Last()
	if found.Outcome == report.Passed && !r.options.Exchanges {
		watch.log.Drop() // nobody asks for it, and thousands of exchanges are much
	}
	found.unanswered = found.Outcome == report.Failed && last.Error != ""
	return found
}

// scenarioTimeout leaves a scenario as long as it may really wait, a few times,
// and one with many logins as long as these take one after another.
func (r *runner) scenarioTimeout(c *testCase) time.Duration {
	timeout := r.options.ScenarioTimeout
	if clock := r.subject.Manifest.Clock; clock != nil {
		timeout += 3 * clock.Wait
	}
	const few = 20
	requests := few
	if c.scenario.Phase == catalogue.Flood {
		requests = exchange.MassLogins
	}
	return timeout + 2*time.Duration(requests)*r.subject.LoginTime() + r.subject.Pace.Extra(requests)
}

// await waits for a scenario's end, and a little longer than its context.
func (r *runner) await(ctx context.Context, done <-chan struct{}, watch *watcher) {
	select {
	case <-done:
		return
	case <-ctx.Done():
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		watch.harness("a step did not end within %s of its timeout", humanize.Duration(grace))
	}
}

// suite is a godog suite of nothing but this scenario.
func (r *runner) suite(ctx context.Context, c *testCase, watch *watcher) godog.TestSuite {
	return godog.TestSuite{
		Name: c.scenario.Name,
		Options: &godog.Options{
			Format: "progress", Output: io.Discard, Strict: true, Concurrency: 1, DefaultContext: ctx,
			FeatureContents: []godog.Feature{{Name: c.scenario.File, Contents: c.scenario.Feature()}},
		},
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			if err := r.options.stepsOf(c.scenario)(sc, c.row.Dialect, r.subject, &watch.log); err != nil {
				watch.harness("%v", err)
			}
			watch.hook(sc)
		},
	}
}

// watcher sees a scenario's steps pass by.
type watcher struct {
	log   evidence.Log
	parts []catalogue.Part       // what the steps are there for
	row   *catalogue.Requirement // that is judged

	mu     sync.Mutex
	runs   int // scenarios seen
	steps  int // planned in them
	seen   int // that have ended, or were skipped
	passed int
	ran    []report.Step
	since  time.Time // the last step's end
	step   string    // the first that did not pass
	failed catalogue.Part
	err    error
	fault  string // what is wrong with the harness, or ""
}

func (w *watcher) harness(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fault == "" {
		w.fault = fmt.Sprintf(format, args...)
	}
}

func (w *watcher) hook(sc *godog.ScenarioContext) {
	sc.Before(func(ctx context.Context, s *godog.Scenario) (context.Context, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.runs++
		w.steps += len(s.Steps)
		w.since = time.Now()
		return ctx, nil
	})
	sc.StepContext().After(func(ctx context.Context, step *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
		w.see(step.Text, status, err, exchange.IsUnguarded(ctx))
		return ctx, nil
	})
	sc.After(func(ctx context.Context, _ *godog.Scenario, err error) (context.Context, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if err != nil && w.step == "" && w.fault == "" { // all steps passed: it was another hook
			w.fault = err.Error()
		}
		return ctx, nil
	})
}

// see notes a step's result. Skipped steps follow one that did not pass, and
// say nothing; an undefined one is a fault wherever it stands.
func (w *watcher) see(text string, status godog.StepResultStatus, err error, unguarded bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen++
	if w.step == "" {
		now := time.Now()
		w.ran = append(w.ran, report.Step{Text: text, Passed: status == godog.StepPassed, Seconds: now.Sub(w.since).Seconds()})
		w.since = now
	}
	switch {
	case status == godog.StepPassed:
		w.passed++
		return
	case status == godog.StepSkipped && w.step != "":
		return
	}
	if w.step == "" {
		w.step, w.err = text, err
		if w.seen <= len(w.parts) {
			w.failed = w.parts[w.seen-1]
		}
		if isAs[*exchange.LackingError](err) {
			w.failed.Role, w.failed.Owners = catalogue.SetUp, catalogue.SetUpOwners(w.parts)
		}
		if unguarded {
			w.reliesOnGuards()
		}
	}
	if status == godog.StepFailed && !panicked(err) {
		return
	}
	if w.fault == "" {
		w.fault = fmt.Sprintf("step %q is %s", text, status)
		if err != nil {
			w.fault = fmt.Sprintf("step %q: %v", text, err)
		}
	}
}

// reliesOnGuards notes of a judgement that it met an answer which anybody gets, so that
// the rows about requests without credentials are to blame, where they are broken.
func (w *watcher) reliesOnGuards() {
	if w.failed.Role != catalogue.Judgement || len(w.row.Guards) == 0 || slices.Contains(w.row.Guards, w.row.ID) || saysNothing(w.err) {
		return
	}
	w.failed.Guards = w.row.Guards
	w.err = fmt.Errorf("%w; the same request without credentials is answered alike", w.err)
}

// panicked tells a step's panic from its error, by godog's type for it.
func panicked(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if fmt.Sprintf("%T", err) == "*godog.traceError" {
			return true
		}
	}
	return false
}

// isAs says whether an error is or wraps one of a type.
func isAs[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

// saysNothing tells the errors of steps that blame nobody, or the environment.
func saysNothing(err error) bool {
	return isAs[*exchange.TooLateError](err) || isAs[*exchange.LockedOutError](err) || isAs[*exchange.UnknownTimeError](err) ||
		isAs[*exchange.UntriedError](err) || isAs[*subject.BudgetError](err) || isAs[*subject.ClockError](err)
}

func (w *watcher) result() result {
	w.mu.Lock()
	defer w.mu.Unlock()
	var f result
	f.Steps, f.failed = w.ran, w.failed
	switch {
	case w.fault != "":
		f.Outcome, f.Reason, f.FailedStep = report.HarnessFailed, w.fault, w.step
	case saysNothing(w.err):
		f.Outcome, f.Reason, f.FailedStep = report.Unproven, w.err.Error(), w.step
		f.late, f.clock = isAs[*exchange.TooLateError](w.err), isAs[*subject.ClockError](w.err)
		lock := new(exchange.LockedOutError)
		f.lock = errors.As(w.err, &lock) && lock.Dialect != ""
	case w.err != nil:
		f.Outcome, f.Error, f.FailedStep = report.Failed, w.err.Error(), w.step
	case w.runs != 1 || w.steps == 0 || w.passed != w.steps:
		f.Outcome = report.HarnessFailed
		f.Reason = fmt.Sprintf("%d scenarios instead of one ran, with %d of %d steps passed", w.runs, w.passed, w.steps)
	default:
		f.Outcome = report.Passed
	}
	return f
}
