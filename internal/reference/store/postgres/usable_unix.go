//go:build unix

package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// usable says whether an idle connection of the pool is still one. A server that
// stops, is killed, or ends the connection leaves the news on it: its last words,
// or the end of the stream. Nothing is sent to find out, and nothing is read off.
//
// A server whose machine went away leaves no news. For that the pool pings the
// connections that were idle for more than a second.
func usable(ctx context.Context, conn *pgx.Conn) bool {
	socket := conn.PgConn().Conn()
	if encrypted, is := socket.(*tls.Conn); is {
		socket = encrypted.NetConn()
	}
	raw, is := socket.(syscall.Conn)
	if !is {
		return conn.Ping(ctx) == nil
	}
	idle := false
	control, err := raw.SyscallConn()
	if err == nil {
		// Not Read: it waits for whoever reads, and after a slow write the
		// driver leaves a reader behind that waits for the next answer.
		err = control.Control(func(fd uintptr) {
			var one [1]byte
			_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK) // the socket does not block
			idle = errors.Is(err, syscall.EAGAIN)
		})
	}
	return err == nil && idle
}
