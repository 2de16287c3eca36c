package zoo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
)

// Judge runs the suite against the mutant, in its dialect. An error says that
// it could not be judged; what the suite found is in the report.
func (m Mutant) Judge(ctx context.Context) (*report.Report, error) {
	return judge(ctx, m.Name, []string{m.Dialect()}, m.Change, m.Serial)
}

// Serve runs the mutant with a name while use runs, which gets the manifest
// that says where it is. The error says that none has this name, that it could
// not be started, or is that of use.
func Serve(ctx context.Context, name string, use func(*manifest.Manifest) error) error {
	mutants := Mutants()
	i := slices.IndexFunc(mutants, func(m Mutant) bool { return m.Name == name })
	if i < 0 {
		return fmt.Errorf("there is no mutant %q", name)
	}
	return serve(ctx, name, []string{mutants[i].Dialect()}, mutants[i].Change, use)
}

// judge makes a server, judges it and stops it.
func judge(ctx context.Context, name string, dialects []string, change func(*Server), serial bool) (r *report.Report, err error) {
	options := conformance.Options{Dialects: dialects, Timeout: 10 * time.Second, Unexamined: true}
	if serial {
		options.Workers = 1
	}
	err = serve(ctx, name, dialects, change, func(m *manifest.Manifest) error {
		r, err = conformance.Run(ctx, m, options)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("judge %w", err)
	}
	return r, nil
}

// serve makes a server, and stops it when use has returned.
func serve(ctx context.Context, name string, dialects []string, change func(*Server), use func(*manifest.Manifest) error) error {
	server := newServer()
	server.Dialects = dialects
	change(server)
	server.Manifest.Name = name
	running, err := server.start(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := errors.Join(use(server.Manifest), running.stop()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
