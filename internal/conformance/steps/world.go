package steps

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// Subject is the server under judgement, as the steps reach it. One Subject
// serves all scenarios of a run; it is safe for concurrent use, and read only
// but for Crowded.
type Subject struct {
	// HTTP is the root URL without a trailing slash, as "http://127.0.0.1:8080".
	HTTP string
	// GRPC is the host:port of direct gRPC, or "".
	GRPC string
	// Manifest describes the subject; its defaults are filled in.
	Manifest *manifest.Manifest
	// Transport carries all HTTP. It follows no redirects and keeps no cookies.
	Transport http.RoundTripper
	// Clock is the subject's time.
	Clock Clock
	// Secrets that no report may show. Steps add every token that they see.
	Secrets *evidence.Secrets
	// Timeout bounds one exchange.
	Timeout time.Duration

	// Crowded says that scenarios run at once, so that none may let the others'
	// time pass.
	Crowded atomic.Bool

	expressions sync.Map    // string to *regexp.Regexp: what step has compiled
	unlocking   sync.Mutex  // held by the scenario that waits for a throttle to end
	hopeless    atomic.Bool // waiting for a throttle did not help
}

// Clock is the subject's time as the judge knows it.
type Clock interface {
	// Now is the subject's present time.
	Now() time.Time
	// Advance moves the subject's time forward by at least d, in whole seconds.
	Advance(ctx context.Context, d time.Duration) error
}

// World is the state of one scenario. The steps of a scenario run one after
// another; steps that start several requests at once guard what they share.
type World struct {
	dialect string
	subject *Subject
	log     *evidence.Log
	last    *Answer   // the answer that "it" and "the answer" mean
	several []*Answer // the answers that "each" means

	speaker  speaker      // of the dialect
	slowest  atomic.Int64 // how long the slowest exchange took, as a time.Duration
	deadline time.Time    // by when the next exchange is to be over; zero is never
}

// Register binds all steps of a dialect to a fresh World, for one scenario.
func Register(sc *godog.ScenarioContext, dialect string, subject *Subject, log *evidence.Log) error {
	w := &World{dialect: dialect, subject: subject, log: log}
	w.registerAnswer(sc)
	register, known := dialects[dialect]
	if !known {
		return fmt.Errorf("register steps: no dialect %q", dialect)
	}
	w.speaker = register(w, sc)
	w.registerLogin(sc, w.speaker)
	w.registerSecurity(sc, w.speaker)
	return nil
}

// dialects binds a dialect's own words and returns its speaker for the words
// that all dialects share.
var dialects = map[string]func(*World, *godog.ScenarioContext) speaker{
	"session": registerSession,
	"form":    registerForm,
	"rpc":     registerRPC,
	"scoped":  registerScoped,
}

// step binds a word. Every scenario binds all words of its dialect, so their
// expressions are compiled once for all.
func (w *World) step(sc *godog.ScenarioContext, expression string, does any) {
	compiled, known := w.subject.expressions.Load(expression)
	if !known {
		compiled, _ = w.subject.expressions.LoadOrStore(expression, regexp.MustCompile(expression))
	}
	sc.Step(compiled, does)
}

// sendEach does several exchanges, one after another; "each" then means their
// answers, and "it" the last.
func (w *World) sendEach(ctx context.Context, requests ...Request) error {
	w.several = nil
	for _, r := range requests {
		answer, err := w.send(ctx, r)
		if err != nil {
			return err
		}
		w.several = append(w.several, answer)
	}
	return nil
}
