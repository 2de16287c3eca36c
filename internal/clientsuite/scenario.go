package clientsuite

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/mockserver"
)

// definition says what steps mean whose text a pattern matches.
type definition struct {
	pattern *regexp.Regexp
	do      func(ctx context.Context, w *world, args []string) error
}

// step makes a definition. The pattern matches whole texts.
func step(pattern string, do func(ctx context.Context, w *world, args []string) error) definition {
	return definition{regexp.MustCompile("^(?:" + pattern + ")$"), do}
}

// definitionOf finds the definition of a step, and its arguments. The error says that
// there is none, or more than one.
func definitionOf(text string, all []definition) (found definition, args []string, err error) {
	for _, d := range all {
		match := d.pattern.FindStringSubmatch(text)
		if match == nil {
			continue
		}
		if found.do != nil {
			return found, nil, fmt.Errorf("the step %q has two meanings", text)
		}
		found, args = d, match[1:]
	}
	if found.do == nil {
		return found, nil, fmt.Errorf("the step %q is not defined", text)
	}
	return found, args, nil
}

// execute runs the scenario of a case, and keeps what became of it.
func (c *testCase) execute(ctx context.Context, w *world, all []definition) {
	started := time.Now()
	c.result.Steps = nil
	err := c.steps(ctx, w, all)
	if what := w.unmet(); err == nil && what != "" {
		err = &unprovenError{what + " did not come"}
	}
	requests, secrets := w.requests(), w.secrets()
	var harness *harnessError
	var unproven *unprovenError
	if ended := w.end(); err == nil && ended != nil {
		err = &harnessError{ended}
	}
	switch {
	case err == nil:
		c.result.Outcome = report.Passed
	case errors.As(err, &harness):
		c.result.Outcome, c.result.Reason = report.HarnessFailed, secrets.Hide(err.Error())
	case errors.As(err, &unproven):
		c.result.Outcome, c.result.Reason = report.Unproven, secrets.Hide(err.Error())
	case ctx.Err() != nil:
		c.result.Outcome, c.result.Reason = report.Unproven, "the run was interrupted"
	default:
		c.result.Outcome, c.result.Error = report.Failed, secrets.Hide(err.Error())+c.wayOut()
	}
	if c.result.Outcome != report.Passed {
		c.result.Exchanges, c.result.Dropped = exchanges(requests, secrets)
	}
	c.result.Seconds = time.Since(started).Seconds()
}

// wayOut says how a client that cannot do what a scenario needs declares that. It is
// "" where the scenario needs nothing, or only what every client has that is a process.
func (c *testCase) wayOut() string {
	var words []string
	for _, need := range c.row.AllNeeds(c.scenario) {
		if need != Process {
			words = append(words, string(need))
		}
	}
	if len(words) == 0 {
		return ""
	}
	return fmt.Sprintf("; a client that cannot do it says \"ready without %s\"", strings.Join(words, " "))
}

// unprovenError says that a scenario could not prove anything.
type unprovenError struct{ reason string }

func (e *unprovenError) Error() string { return e.reason }

// steps runs the steps until one does not pass.
func (c *testCase) steps(ctx context.Context, w *world, all []definition) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &harnessError{fmt.Errorf("panic: %v", p)}
		}
	}()
	for _, part := range c.scenario.Parts {
		d, args, err := definitionOf(part.Text, all)
		if err != nil {
			return &harnessError{err}
		}
		began := time.Now()
		err = d.do(ctx, w, args)
		c.result.Steps = append(c.result.Steps, report.Step{Text: part.Text, Passed: err == nil, Seconds: time.Since(began).Seconds()})
		if err != nil {
			c.failed, c.result.FailedStep = part, part.Text
			return err
		}
	}
	return nil
}

// blame says what the failure of a set-up or a control means: where a row that it
// relies on is broken, that is the fault; a set-up that fails without such a row says
// nothing about this one. It looks at rows of the same dialect, by their ids.
func (c *testCase) blame(rows map[string]*row) {
	if c.result.Outcome != report.Failed || c.failed.Role == catalogue.Judgement {
		return
	}
	reason := ""
	for _, id := range c.failed.Owners {
		if owner := rows[id]; owner != nil && owner != c.row && owner.isBroken() {
			reason = "blocked by " + id
			break
		}
	}
	if reason == "" && c.failed.Role == catalogue.SetUp {
		reason = fmt.Sprintf("its set-up failed, %q", c.failed.Text)
	}
	if reason != "" {
		c.blocked = reason + ": " + c.result.Error
	}
}

// exchanges are the requests of a journal as evidence.
func exchanges(requests []mockserver.Request, secrets *evidence.Secrets) (shown []evidence.Exchange, dropped int) {
	var log evidence.Log
	for _, r := range requests {
		e := evidence.Exchange{
			Transport: "http", Method: r.Method, URL: "http://" + r.Host + r.Path, RequestHeader: r.RequestHeader, RequestBody: r.RequestBody,
			Status: statusOf(r), ResponseHeader: r.ResponseHeader, ResponseBody: r.ResponseBody, Began: r.At,
		}
		if r.Query != "" {
			e.URL += "?" + r.Query
		}
		if r.Method == "gRPC" {
			e.Transport, e.Method, e.URL = "grpc", r.Path, r.Host
		}
		if r.Fault != "" {
			e.Error = "the mock's fault: " + string(r.Fault)
		}
		log.Add(e)
	}
	return evidence.Ends(log.Exchanges(secrets))
}

// statusOf is the status of a request as text, "" where there was none.
func statusOf(r mockserver.Request) string {
	_, status, _ := strings.Cut(r.String(), " -> ")
	status, _, _ = strings.Cut(status, " ")
	if status == "none" {
		return ""
	}
	return status
}
