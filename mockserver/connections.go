package mockserver

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
)

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

// connKey is the key of the connection in the context of a request.
type connKey struct{}

// withConn is for [http.Server.ConnContext].
func withConn(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// connOf is the connection of a request; nil in tests that have none.
func connOf(r *http.Request) net.Conn {
	conn, _ := r.Context().Value(connKey{}).(net.Conn)
	return conn
}

// unsent tells the connections over HTTP/1 whose answer the journal may have and that has
// not gone out yet: net/http sends what it has buffered when the handler is done.
type unsent struct {
	mu    sync.Mutex
	conns map[net.Conn]bool // the open ones, and whether they are among these
	count int
	none  chan struct{} // closed when there are none; nil: nobody waits
}

// add notes the connection of a request whose answer comes into the journal. One that a
// handler has taken over has no answer.
func (u *unsent) add(r *http.Request) {
	u.mu.Lock()
	defer u.mu.Unlock()
	conn := connOf(r)
	waiting, open := u.conns[conn]
	if open && !waiting && r.ProtoMajor == 1 { // over HTTP/2 nobody hears when an answer has gone out
		u.conns[conn] = true
		u.count++
	}
}

// opened notes a new connection.
func (u *unsent) opened(conn net.Conn) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.conns == nil {
		u.conns = map[net.Conn]bool{}
	}
	u.conns[conn] = false
}

// sent notes that an answer has gone out.
func (u *unsent) sent(conn net.Conn) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.remove(conn)
}

// ended notes that a connection has no more answers.
func (u *unsent) ended(conn net.Conn) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.remove(conn)
	delete(u.conns, conn)
}

func (u *unsent) remove(conn net.Conn) {
	if !u.conns[conn] {
		return
	}
	u.conns[conn] = false
	if u.count--; u.count == 0 && u.none != nil {
		close(u.none)
		u.none = nil
	}
}

// wait waits until all have gone out, for so long at most. It is called once.
func (u *unsent) wait(limit time.Duration) {
	u.mu.Lock()
	if u.count == 0 {
		u.mu.Unlock()
		return
	}
	none := make(chan struct{})
	u.none = none
	u.mu.Unlock()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-none:
	case <-timer.C:
	}
}

// streamed is an answer that is no longer unsent once its handler has flushed it: the
// journal has its status and its header, and these have gone out.
type streamed struct {
	*httpio.StatusRecorder
	flushed func()
}

// FlushError is for [http.ResponseController].
func (s streamed) FlushError() error {
	defer s.flushed()
	return s.StatusRecorder.FlushError()
}
