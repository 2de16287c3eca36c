package connections_test

import (
	"errors"
	"net"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/connections"
	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
)

// queue is a listener whose connections come from where the test says.
type queue struct{ from []string }

func (q *queue) Accept() (net.Conn, error) {
	if len(q.from) == 0 {
		return nil, net.ErrClosed
	}
	address := &net.TCPAddr{IP: net.ParseIP(q.from[0]), Port: 1}
	q.from = q.from[1:]
	return &conn{remote: address}, nil
}

func (q *queue) Close() error   { return nil }
func (q *queue) Addr() net.Addr { return nil }

// conn is a connection that only comes from somewhere and is closed.
type conn struct {
	net.Conn
	remote net.Addr
	closed bool
}

func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) Close() error {
	if c.closed {
		return net.ErrClosed
	}
	c.closed = true
	return nil
}

func TestBounds(t *testing.T) {
	t.Parallel()
	proxies, err := proxy.Trust("10.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from []string
		want int // of them are accepted, with 5 in all and 2 per network
	}{
		"one network":                {[]string{"192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1"}, 2},
		"one network and another":    {[]string{"192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"}, 3},
		"IPv6 by the first 64 bits":  {[]string{"2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1"}, 3},
		"IPv4 that is mapped":        {[]string{"192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"}, 2},
		"all together":               {[]string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"}, 5},
		"a trusted proxy":            {[]string{"10.1.2.3", "10.1.2.3", "10.1.2.3", "::ffff:10.1.2.3"}, 4},
		"this machine":               {[]string{"127.0.0.1", "127.0.0.1", "127.0.0.1", "::1"}, 4},
		"this machine up to the end": {[]string{"127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1"}, 5},
	} {
		listener := connections.Listen(&queue{c.from}, connections.Limits{All: 5, PerNetwork: 2, Proxies: proxies})
		var accepted []net.Conn
		for {
			one, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				break
			}
			accepted = append(accepted, one)
		}
		if len(accepted) != c.want {
			t.Errorf("%s: %d of %v are accepted, want %d", name, len(accepted), c.from, c.want)
		}
	}
}

// TestPlacesAreFreedOnce: a connection that is closed makes room for one other, however
// often it is closed.
func TestPlacesAreFreedOnce(t *testing.T) {
	t.Parallel()
	clients := &queue{}
	listener := connections.Listen(clients, connections.Limits{All: 3, PerNetwork: 2})
	accept := func(want bool) net.Conn {
		t.Helper()
		clients.from = []string{"192.0.2.1"}
		one, err := listener.Accept()
		if (err == nil) != want {
			t.Fatalf("a connection: %v, want it accepted: %v", err, want)
		}
		return one
	}
	first, _ := accept(true), accept(true)
	accept(false)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed again: %v", err)
	}
	accept(true)
	accept(false)
}

func TestDescriptors(t *testing.T) {
	t.Parallel()
	if got := connections.Descriptors(1); got != 1 {
		t.Errorf("at most one connection are %d", got)
	}
	if got := connections.Descriptors(1 << 40); got < 1 || got > 1<<30 {
		t.Errorf("the descriptors of the process are enough for %d connections", got)
	}
}
