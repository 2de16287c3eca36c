package mockserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
)

// memoryListener is a listener without a network. All that it does works inside of
// a bubble of testing/synctest. Its connections are those of net.Pipe: unlike bufconn's,
// a deadline that was taken back never ends a later read, which net/http relies on
// between two requests.
type memoryListener struct {
	name     string
	dialled  chan net.Conn // ends of the listener
	closed   chan struct{}
	close    func()
	accepted atomic.Int64
}

func listenInMemory(name string) *memoryListener {
	l := &memoryListener{name: name, dialled: make(chan net.Conn), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	return l
}

// dial connects to the listener, as soon as it accepts.
func (l *memoryListener) dial(ctx context.Context) (net.Conn, error) {
	own, other := net.Pipe()
	select {
	case l.dialled <- other:
		return own, nil
	case <-l.closed:
		return nil, errRefusedInMemory
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// errRefusedInMemory says that nobody listens any more.
var errRefusedInMemory = errors.New("connection refused: the mock is closed")

// Accept implements [net.Listener]. Each connection has an address of its own.
func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.dialled:
		return memoryConn{conn, memoryAddr(fmt.Sprintf("%s-client-%d", l.name, l.accepted.Add(1)))}, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (l *memoryListener) Close() error {
	l.close()
	return nil
}

// Addr implements [net.Listener].
func (l *memoryListener) Addr() net.Addr { return memoryAddr(l.name) }

type memoryConn struct {
	net.Conn
	from memoryAddr
}

// RemoteAddr implements [net.Conn].
func (c memoryConn) RemoteAddr() net.Addr { return c.from }

type memoryAddr string

func (memoryAddr) Network() string  { return "memory" }
func (a memoryAddr) String() string { return string(a) }

// connections are those of a listener, by the address of the client.
type connections struct {
	mu   sync.Mutex
	open map[string]net.Conn
}

// drop ends the connection of a client.
func (c *connections) drop(address string, reset bool) {
	c.mu.Lock()
	conn := c.open[address]
	delete(c.open, address)
	c.mu.Unlock()
	switch {
	case conn == nil:
	case reset:
		resetConn(conn)
	default:
		_ = conn.Close()
	}
}

// tracked is a listener that has accepted its first connection already, and notes
// those that are open.
type tracked struct {
	net.Listener
	connections *connections
	first       chan net.Conn // holds the connection until it is accepted or closed
}

// track returns a listener that accepts first, and then what the given one does.
func track(listener net.Listener, c *connections, first net.Conn) *tracked {
	t := &tracked{Listener: listener, connections: c, first: make(chan net.Conn, 1)}
	t.first <- first
	return t
}

// Accept implements [net.Listener].
func (t *tracked) Accept() (net.Conn, error) {
	var conn net.Conn
	select {
	case conn = <-t.first:
	default:
		var err error
		if conn, err = t.Listener.Accept(); err != nil {
			return nil, err
		}
	}
	t.connections.mu.Lock()
	defer t.connections.mu.Unlock()
	if t.connections.open == nil {
		t.connections.open = map[string]net.Conn{}
	}
	address := conn.RemoteAddr().String()
	t.connections.open[address] = conn
	return trackedConn{conn, address, t.connections}, nil
}

// Close implements [net.Listener].
func (t *tracked) Close() error {
	select {
	case conn := <-t.first:
		_ = conn.Close() // nobody serves it
	default:
	}
	return t.Listener.Close()
}

type trackedConn struct {
	net.Conn
	address     string
	connections *connections
}

// Close implements [net.Conn].
func (c trackedConn) Close() error {
	c.connections.mu.Lock()
	delete(c.connections.open, c.address)
	c.connections.mu.Unlock()
	return c.Conn.Close()
}
