package zoo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
)

// Judge runs the suite against the mutant, in its dialect. An error says that
// it could not be judged; what the suite found is in the report.
func (m Mutant) Judge(ctx context.Context) (*report.Report, error) {
	return judge(ctx, m.Name, []string{m.Dialect()}, m.Change, m.Serial)
}

// judge makes a server, judges it and stops it.
func judge(ctx context.Context, name string, dialects []string, change func(*Server), serial bool) (_ *report.Report, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("judge %s: %w", name, err)
		}
	}()
	server := newServer()
	server.Dialects = dialects
	change(server)
	server.Manifest.Name = name
	running, err := server.start(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, running.stop()) }()
	options := conformance.Options{Dialects: dialects, Timeout: 10 * time.Second, Unexamined: true}
	if serial {
		options.Workers = 1
	}
	return conformance.Run(ctx, server.Manifest, options)
}
