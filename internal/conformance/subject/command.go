package subject

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/processgroup"
)

// endTimeout is how long a command may take to end after it was asked to.
const endTimeout = 5 * time.Second

// startCommand starts a child process in a process group of its own, so that
// everything it starts ends with it.
func startCommand(ctx context.Context, m *manifest.Manifest, o Options) (*Running, error) {
	p, err := newProbe(m, o)
	if err != nil {
		return nil, err
	}
	ports, err := choosePorts(ctx, m.Subject.Ports)
	if err != nil {
		return nil, fmt.Errorf("choose free ports: %w", err)
	}
	fill := strings.NewReplacer("${HTTP_PORT}", strconv.Itoa(ports.HTTP), "${GRPC_PORT}", strconv.Itoa(ports.GRPC))
	words := slices.Clone(m.Subject.Command)
	for i, word := range words {
		words[i] = fill.Replace(word)
	}
	var printed output
	// The context of Start ends the waiting; the process lives until Stop.
	command := exec.Command(words[0], words[1:]...) //nolint:noctx // see above
	command.Dir = m.Subject.Dir
	command.Env = os.Environ()
	for _, name := range slices.Sorted(maps.Keys(m.Subject.Env)) {
		command.Env = append(command.Env, name+"="+fill.Replace(m.Subject.Env[name]))
	}
	command.Stdout, command.Stderr = &printed, &printed
	command.WaitDelay = endTimeout // a grandchild may hold the output open
	processgroup.Own(command)
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", words[0], err)
	}
	ended := make(chan struct{})
	var result error
	go func() { // ends with the process
		result = command.Wait()
		close(ended)
	}()
	stop := func() { endCommand(command.Process, ended) }
	alive := func(context.Context) error {
		select {
		case <-ended:
			return fmt.Errorf("%s ended before it answered (%v): %s", words[0], reasonOf(result), LastLines(printed.String()))
		default:
			return nil
		}
	}
	place := address{http: scheme(m) + local(ports.HTTP), grpc: local(ports.GRPC)}
	_, f, err := p.await(ctx, []address{place}, alive)
	if err != nil {
		stop()
		return nil, err
	}
	running := &Running{
		Kind: "command", Runs: fmt.Sprintf("as process %d", command.Process.Pid),
		stop: stop, logs: func() *output { return &printed }, digest: fileDigest(program(words[0], m.Subject.Dir)),
	}
	running.reached(place, f, p)
	return running, nil
}

func reasonOf(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// choosePorts keeps the declared ports and finds free ones for the others.
func choosePorts(ctx context.Context, declared manifest.Ports) (manifest.Ports, error) {
	ports := declared
	for _, port := range []*int{&ports.HTTP, &ports.GRPC} {
		for *port == 0 {
			free, err := freePort(ctx)
			if err != nil {
				return ports, err
			}
			if free != ports.HTTP && free != ports.GRPC {
				*port = free
			}
		}
	}
	return ports, nil
}

// Ports that no system gives to who asks for any: those begin at 32768 on Linux
// and at 49152 elsewhere. So nobody gets one while the subject starts.
const firstPort, lastPort = 20_000, 32_767

// freePort draws a port until one is free. The error is that of the last try.
func freePort(ctx context.Context) (int, error) {
	const tries = 100
	var err error
	for range tries {
		port := firstPort + rand.IntN(lastPort-firstPort+1) //nolint:gosec // a port is no secret
		if err = isFree(ctx, port); err == nil {
			return port, nil
		}
	}
	return 0, err
}

// isFree listens on a port for a moment. Meanwhile this program starts no other: until
// that one runs, it would hold the port, too. On Linux alone, because elsewhere Listen
// takes this lock itself.
func isFree(ctx context.Context, port int) error {
	if runtime.GOOS == "linux" {
		syscall.ForkLock.RLock()
		defer syscall.ForkLock.RUnlock()
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", local(port))
	if err != nil {
		return err
	}
	return listener.Close()
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// LastLines are the last lines of what a subject printed, in one line: at most five, and
// not over 500 bytes unless the last alone is longer. They are whole lines, for a part of
// a secret would not be recognised.
func LastLines(text string) string {
	const most, longest = 5, 500
	lines := strings.Split(strings.TrimSpace(text), "\n")
	lines = lines[max(0, len(lines)-most):]
	for len(lines) > 1 && len(strings.Join(lines, " | ")) > longest {
		lines = lines[1:]
	}
	if joined := strings.Join(lines, " | "); joined != "" {
		return "it printed: " + evidence.Quote(joined)
	}
	return "it printed nothing"
}

// endCommand asks a command and what it has started to end, and after a while ends
// them. Ended is closed when the command itself is gone.
func endCommand(leader *os.Process, ended <-chan struct{}) {
	processgroup.Ask(leader)
	timeout := time.NewTimer(endTimeout)
	defer timeout.Stop()
	select {
	case <-ended:
	case <-timeout.C:
	}
	processgroup.Kill(leader) // also who has outlived it
	<-ended
}
