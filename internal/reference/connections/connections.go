// Package connections bounds the connections of a listener: all of them, and those of
// each network. One above a bound is closed at once, so that connections that nobody
// uses keep nobody out of other listeners.
package connections

import (
	"net"
	"net/netip"
	"sync"

	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
)

// Limits are the bounds of one listener.
type Limits struct {
	All, PerNetwork int
	// Proxies are not counted per network, and neither is this machine: many clients
	// come through one of them.
	Proxies proxy.Trusted
}

// Descriptors is how many connections each of a server's two listeners may have, so
// that a tenth of the process's descriptors, and 64 at least, are left for operators,
// files and databases; at most most.
func Descriptors(most int) int {
	descriptors := descriptors()
	return max(1, min(most, (descriptors-max(64, descriptors/10))/2))
}

// Listen bounds a listener.
func Listen(listener net.Listener, limits Limits) net.Listener {
	return &bounded{Listener: listener, limits: limits, networks: map[string]int{}}
}

type bounded struct {
	net.Listener
	limits Limits

	mu       sync.Mutex
	all      int
	networks map[string]int
}

// Accept returns the next connection that is within the bounds.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		conn, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		network := b.network(conn.RemoteAddr())
		if b.admit(network) {
			return count(conn, sync.OnceFunc(func() { b.release(network) })), nil
		}
		_ = conn.Close()
	}
}

// network is where a connection is counted; "" is nowhere.
func (b *bounded) network(from net.Addr) string {
	address, err := netip.ParseAddrPort(from.String())
	if err != nil || address.Addr().Unmap().IsLoopback() || b.limits.Proxies.Trusts(address.Addr()) {
		return ""
	}
	return proxy.Network(address.Addr().String())
}

func (b *bounded) admit(network string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all >= b.limits.All || network != "" && b.networks[network] >= b.limits.PerNetwork {
		return false
	}
	b.all++
	if network != "" {
		b.networks[network]++
	}
	return true
}

func (b *bounded) release(network string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all--
	if network == "" {
		return
	}
	if b.networks[network]--; b.networks[network] == 0 {
		delete(b.networks, network)
	}
}

// count returns a connection that leaves its listener when it is closed. One over TCP
// keeps its other methods: net/http closes it for writing first, so that the client
// still reads the answer.
func count(conn net.Conn, release func()) net.Conn {
	if tcp, is := conn.(*net.TCPConn); is {
		return &countedTCP{tcp, release}
	}
	return &counted{conn, release}
}

type counted struct {
	net.Conn
	release func()
}

// Close closes the connection.
func (c *counted) Close() error {
	defer c.release()
	return c.Conn.Close()
}

type countedTCP struct {
	*net.TCPConn
	release func()
}

// Close closes the connection.
func (c *countedTCP) Close() error {
	defer c.release()
	return c.TCPConn.Close()
}
