// Package memnet is a network in memory: a listener and the connections to it, for
// servers and clients in one process. HTTP and gRPC work over it as over TCP, and all of
// it works in a bubble of testing/synctest. It knows no resets and keeps nothing that was
// written but not read: a write waits until the other side reads.
package memnet

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
)

// Listener is a listener without a network. Its connections are those of net.Pipe: unlike
// bufconn's, a deadline that was taken back never ends a later read, which net/http relies
// on between two requests. All methods are safe for concurrent use.
type Listener struct {
	name     string
	dialled  chan net.Conn // ends of the listener
	closed   chan struct{}
	close    func()
	accepted atomic.Uint64
}

const ports = 1<<16 - 1

// ErrRefused says that nobody listens any more.
var ErrRefused = errors.New("connection refused: the listener in memory is closed")

// Listen returns a listener. The name is its address.
func Listen(name string) *Listener {
	l := &Listener{name: name, dialled: make(chan net.Conn), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	return l
}

// Dial connects to the listener, as soon as it accepts. The error is ErrRefused, or that
// of the context.
func (l *Listener) Dial(ctx context.Context) (net.Conn, error) {
	own, other := net.Pipe()
	select {
	case l.dialled <- other:
		return own, nil
	case <-l.closed:
		return nil, ErrRefused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements [net.Listener]. Clients are on this machine, each at a port of its
// own, as far as 65,535 of them at a time have one.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case accepted := <-l.dialled:
		port := 1 + int((l.accepted.Add(1)-1)%ports)
		return conn{accepted, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}}, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener]. Connections stay.
func (l *Listener) Close() error {
	l.close()
	return nil
}

// Addr implements [net.Listener].
func (l *Listener) Addr() net.Addr { return addr(l.name) }

type conn struct {
	net.Conn
	from *net.TCPAddr
}

// RemoteAddr implements [net.Conn].
func (c conn) RemoteAddr() net.Addr { return c.from }

type addr string

func (addr) Network() string  { return "memory" }
func (a addr) String() string { return string(a) }
