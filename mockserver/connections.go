package mockserver

import (
	"net"
	"sync"
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
