package clientsuite

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"

	"google.golang.org/grpc"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// Program is a client that can be started, any number of times and also at once.
type Program interface {
	// Start starts the client. It lives until it ends by itself or is killed; the
	// context bounds the start alone.
	Start(ctx context.Context, env Environment) (Running, error)
}

// Running is a client that was started.
type Running interface {
	// Input is its standard input, Output its standard output.
	Input() io.WriteCloser
	Output() io.Reader
	// Errors is what it has written to its standard error so far.
	Errors() string
	// Wait waits for its end, which is good where the error is nil.
	Wait() error
	// Kill ends it.
	Kill()
}

// Environment is what a client gets.
type Environment struct {
	URL      string // DRAGOMAN_URL: what all paths stand behind
	Dialect  string // DRAGOMAN_DIALECT: session, form, rpc or scoped
	Login    string // DRAGOMAN_LOGIN: in the session dialect an e-mail address
	Password string // DRAGOMAN_PASSWORD
	GRPC     string // DRAGOMAN_GRPC: host and port of gRPC, in the rpc dialect
	CA       string // DRAGOMAN_CA: a file with the certificate of an authority to trust; empty: those of the machine
	Store    string // DRAGOMAN_STORE: a folder for tokens that outlive the process; empty: none do
	Verbose  bool   // DRAGOMAN_VERBOSE is 1: print as much as you can

	// HTTP and DialGRPC reach a mock in memory; nil where it is on the network.
	HTTP     *http.Client
	DialGRPC func(opts ...grpc.DialOption) (*grpc.ClientConn, error)

	mock *mockserver.Server // for hosted clients
}

// Variables are those of a process, as in "NAME=value". Those that are empty are
// there, too, so that none is inherited.
func (e Environment) Variables() []string {
	verbose := ""
	if e.Verbose {
		verbose = "1"
	}
	return []string{
		"DRAGOMAN_URL=" + e.URL, "DRAGOMAN_DIALECT=" + e.Dialect, "DRAGOMAN_LOGIN=" + e.Login, "DRAGOMAN_PASSWORD=" + e.Password,
		// The mock is on this machine, and a proxy of the user's would not find it.
		"NO_PROXY=127.0.0.1,localhost,::1", "no_proxy=127.0.0.1,localhost,::1",
		"DRAGOMAN_GRPC=" + e.GRPC, "DRAGOMAN_CA=" + e.CA, "DRAGOMAN_STORE=" + e.Store, "DRAGOMAN_VERBOSE=" + verbose,
	}
}

// Func is a client inside of this process: a function that reads commands from in and
// ends when in ends. It heeds ctx, which ends when it is killed.
type Func func(ctx context.Context, env Environment, in io.Reader, out, errors io.Writer) error

// Start implements [Program].
func (f Func) Start(_ context.Context, env Environment) (Running, error) {
	ctx, kill := context.WithCancel(context.Background()) // it outlives the start
	inRead, inWrite := io.Pipe()
	outRead, outWrite := io.Pipe()
	r := &function{in: inWrite, out: outRead, kill: kill, ended: make(chan struct{})}
	go func() { // ends with the function
		defer close(r.ended)
		defer func() {
			if p := recover(); p != nil {
				r.result = fmt.Errorf("panic: %v", p)
			}
			_ = outWrite.Close()
			_ = inRead.Close()
			kill()
		}()
		r.result = f(ctx, env, inRead, outWrite, &r.errors)
	}()
	return r, nil
}

// function is a Func that runs.
type function struct {
	in     *io.PipeWriter
	out    *io.PipeReader
	errors output
	kill   func()
	ended  chan struct{}
	result error // after ended
}

// Input implements [Running].
func (f *function) Input() io.WriteCloser { return f.in }

// Output implements [Running].
func (f *function) Output() io.Reader { return f.out }

// Errors implements [Running].
func (f *function) Errors() string { return f.errors.String() }

// Wait implements [Running].
func (f *function) Wait() error {
	<-f.ended
	return f.result
}

// Kill implements [Running].
func (f *function) Kill() {
	f.kill()
	_ = f.in.Close()
	_ = f.out.Close()
}

// maxOutput is how much of what a client prints is kept, in bytes.
const maxOutput = 1 << 20

// output keeps the beginning of what is written to it. It is safe for concurrent use.
type output struct {
	mu   sync.Mutex
	kept []byte
}

// Write implements [io.Writer]; it takes everything.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept = append(o.kept, p[:min(len(p), maxOutput-len(o.kept))]...)
	return len(p), nil
}

// String is what was kept.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.kept)
}
