package pgtest

import (
	"net"
	"strconv"
	"testing"
)

// TestReservedPorts asks the system for free ports many times: it gives none of
// the reserved ones away. A server that asks for one by its number gets it.
func TestReservedPorts(t *testing.T) {
	t.Parallel()
	listen := func(port int) net.Listener {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	reserved := map[int]bool{}
	for range 200 {
		reserved[reservePort(t)] = true
	}
	for range 2000 {
		l := listen(0)
		if given := l.Addr().(*net.TCPAddr).Port; reserved[given] {
			t.Errorf("the reserved port %d was given away", given)
		}
		_ = l.Close()
	}
	for port := range reserved {
		for range 2 { // a server may stop and start
			_ = listen(port).Close()
		}
	}
}
