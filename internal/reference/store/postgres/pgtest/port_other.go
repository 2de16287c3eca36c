//go:build !linux

package pgtest

import (
	"net"
	"testing"
)

// reservePort returns a port of 127.0.0.1 that was free a moment ago: there is no
// way here to keep it from others.
func reservePort(t testing.TB) int {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nobody was to listen
	return l.Addr().(*net.TCPAddr).Port
}
