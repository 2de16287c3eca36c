package postgres

import (
	"errors"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// readOnlyTransaction is what a write gets from a database that takes no writes: a
// standby, or a primary that an administrator has made read-only.
const readOnlyTransaction = "25006"

// errReadOnly is the end of an operation for which every connection was to a database
// that takes no writes.
var errReadOnly = errors.New("the database takes no writes")

// preferWritable has the pool connect to the host of the URL that takes writes, whatever
// its target_session_attrs: what a standby does not know yet would be a token that is
// refused, and what it does not know to be revoked one that is accepted.
func preferWritable(config *pgxpool.Config, timeout time.Duration) {
	config.ConnConfig.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	// A host that does not answer leaves time for the next one.
	config.ConnConfig.ConnectTimeout = timeout / time.Duration(hosts(config.ConnConfig))
	// A machine that went away leaves no news on its connections. With these they end
	// after 11 s, also while nobody uses them.
	dialer := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3}}
	config.ConnConfig.DialFunc = dialer.DialContext
}

// hosts counts the hosts of a URL. One that is tried with and without TLS is one.
func hosts(config *pgx.ConnConfig) int {
	type address struct {
		host string
		port uint16
	}
	all := map[address]bool{{config.Host, config.Port}: true}
	for _, other := range config.Fallbacks {
		all[address{other.Host, other.Port}] = true
	}
	return len(all)
}

// isReadOnly says whether a write was refused because the database takes none.
func isReadOnly(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && said.Code == readOnlyTransaction
}

// becameReadOnly says whether the database has told on a connection that it takes no
// writes any more. It does so with its answers, since PostgreSQL 14. A pooler tells
// what it was told long ago, so it is not believed.
func (s *Store) becameReadOnly(conn *pgx.Conn) bool {
	return !s.pooled && conn.PgConn().ParameterStatus("default_transaction_read_only") == "on"
}
