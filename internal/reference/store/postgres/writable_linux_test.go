package postgres

import (
	"net"
	"syscall"
	"testing"
	"time"
)

// TestHostsShareTheTimeout: a host that does not answer leaves time for the next one.
func TestHostsShareTheTimeout(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]time.Duration{
		"postgres://me@first/x":                                3 * time.Second,
		"postgres://me@first,second/x":                         1500 * time.Millisecond,
		"postgres://me@first:1,first:2,second/x?sslmode=allow": time.Second,
	} {
		config, err := poolConfig(Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		preferWritable(config, 3*time.Second)
		if got := config.ConnConfig.ConnectTimeout; got != want {
			t.Errorf("%s: a host has %v, want %v", url, got, want)
		}
	}
}

// TestConnectionsAreProbed reads the options of a socket: the system finds out that a
// machine went away, where nothing is sent.
func TestConnectionsAreProbed(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	config, err := poolConfig(Config{URL: "postgres://me@first/x"})
	if err != nil {
		t.Fatal(err)
	}
	preferWritable(config, time.Second)
	conn, err := config.ConnConfig.DialFunc(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for option, want := range map[int]int{syscall.TCP_KEEPIDLE: 5, syscall.TCP_KEEPINTVL: 2, syscall.TCP_KEEPCNT: 3} {
		var got int
		var failed error
		if err := raw.Control(func(fd uintptr) { got, failed = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, option) }); err != nil {
			t.Fatal(err)
		}
		if failed != nil || got != want {
			t.Errorf("option %d of a connection is %d (%v), want %d", option, got, failed, want)
		}
	}
}
