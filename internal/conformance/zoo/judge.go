package zoo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// Trial is what the suite said about one server, and whether that is right.
type Trial struct {
	Kind Kind
	Name string
	// Report is nil where the server could not be judged.
	Report *report.Report
	// Err says what is wrong with the suite, or with the server's entry in the
	// zoo. Nil is as it should be.
	Err error
	// Untried says what this machine lacks for the server, which is then neither
	// right nor wrong. Else it is "".
	Untried string
	Took    time.Duration
}

// Try judges one server of the zoo, with one worker or as the options say: a
// verdict depends neither on their number nor on the order. The error says that
// none has this name.
func Try(ctx context.Context, name string, options ...conformance.Options) (Trial, error) {
	e, err := find(name)
	if err != nil {
		return Trial{}, err
	}
	return e.trial(ctx, append(options, oneByOne)[0]), nil
}

// oneByOne judges one scenario after another: many servers are judged at once,
// and one that is wrong has to be judged like that anyway.
var oneByOne = conformance.Options{Workers: 1}

func (e entry) serve(ctx context.Context, use func(*mutation.Server) error) error {
	return mutation.Serve(ctx, e.name, e.dialects, e.change, use)
}

func (e entry) trial(ctx context.Context, options conformance.Options) Trial {
	started := time.Now()
	f := Trial{Kind: e.kind, Name: e.name}
	if f.Report, f.Err = e.judge(ctx, options); f.Err == nil {
		f.Err = e.check(f.Report)
	}
	var lacking *mutation.NoHostError
	if errors.As(f.Err, &lacking) {
		f.Err, f.Untried = nil, lacking.Error()
	}
	f.Took = time.Since(started)
	return f
}

// judge runs the suite against the server. An error says that it could not be
// judged; what the suite found is in the report.
func (e entry) judge(ctx context.Context, options conformance.Options) (r *report.Report, err error) {
	options.Dialects, options.Only = e.dialects, e.only
	options.Timeout, options.Unexamined = time.Minute, e.kind == KindMutant
	change := e.change
	e.change = func(s *mutation.Server) {
		s.Memory = e.kind == KindMutant // variants show what a real connection does
		change(s)
	}
	err = e.serve(ctx, func(s *mutation.Server) error {
		options.Now, options.Sleep, options.Dial = s.Time.Now, s.Time.Sleep, s.Dial
		r, err = conformance.Run(ctx, s.Manifest, options)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("judge %w", err)
	}
	return r, nil
}
