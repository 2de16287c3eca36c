package clientsuite

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/dragoman-auth/dragoman/internal/processgroup"
)

// endTimeout is how long a process that has ended may keep its pipes open, through
// what it has started.
const endTimeout = 2 * time.Second

// ProcessProgram is a client that is a process: its name and its arguments.
type ProcessProgram []string

// Start implements [Program].
func (p ProcessProgram) Start(_ context.Context, env Environment) (Running, error) {
	command := exec.Command(p[0], p[1:]...) //nolint:noctx // it outlives the start; Kill ends it
	command.Env = append(os.Environ(), env.Variables()...)
	command.WaitDelay = endTimeout
	processgroup.Own(command)
	in, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", p[0], err)
	}
	outRead, outWrite := io.Pipe()
	r := &process{command: command, in: in, out: outRead, ended: make(chan struct{})}
	command.Stdout, command.Stderr = outWrite, &r.errors
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p[0], err)
	}
	go func() { // ends with the process
		defer close(r.ended)
		r.result = command.Wait()
		_ = outWrite.Close()
	}()
	return r, nil
}

// process is a client that is a process.
type process struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *io.PipeReader
	errors  output
	ended   chan struct{}
	result  error // after ended
}

// Input implements [Running].
func (p *process) Input() io.WriteCloser { return p.in }

// Output implements [Running].
func (p *process) Output() io.Reader { return p.out }

// Errors implements [Running].
func (p *process) Errors() string { return p.errors.String() }

// Wait implements [Running].
func (p *process) Wait() error {
	<-p.ended
	return p.result
}

// Kill implements [Running].
func (p *process) Kill() {
	_ = p.in.Close()
	processgroup.Kill(p.command.Process)
	_ = p.out.Close()
}
