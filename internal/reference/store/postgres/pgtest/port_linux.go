package pgtest

import (
	"syscall"
	"testing"
)

// reservePort returns a port of 127.0.0.1 that is the test's alone until it
// ends, also while no server listens on it. A socket that is bound and does not
// listen keeps the system from giving the port to anybody who asks for a free
// one. Both sockets say SO_REUSEADDR, so that PostgreSQL can listen beside it.
func reservePort(t testing.TB) int {
	t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatalf("reserve a port: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Close(socket) })
	if err := syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		t.Fatalf("reserve a port: %v", err)
	}
	if err := syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatalf("reserve a port: %v", err)
	}
	bound, err := syscall.Getsockname(socket)
	if err != nil {
		t.Fatalf("reserve a port: %v", err)
	}
	return bound.(*syscall.SockaddrInet4).Port
}
