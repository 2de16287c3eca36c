package postgres

import (
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The codes of PostgreSQL (appendix A of its manual) and of PgBouncer that have a hint.
const (
	insufficientPrivilege = "42501"
	noSuchDatabase        = "3D000"
	noSuchUser            = "28000" // also what pg_hba.conf does not let in
	wrongPassword         = "28P01"
	tooManyConnections    = "53300"
	protocolViolation     = "08P01" // all that PgBouncer refuses
)

// withHint says what to do about mistakes in the database's settings or in the URL.
func withHint(err error, config *pgx.ConnConfig) error {
	if hint := hintFor(err, config); hint != "" {
		return fmt.Errorf("%w; %s", err, hint)
	}
	return err
}

func hintFor(err error, config *pgx.ConnConfig) string {
	var said *pgconn.PgError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	switch {
	case errors.Is(err, pgconn.ErrReadOnlyConnection):
		return "the database takes no writes: name the primary in the URL, or all hosts, as postgres://user@first,second/database"
	case errors.As(err, &authority):
		return "name the authority of the database's certificate in the URL: sslrootcert=FILE"
	case errors.As(err, &name):
		return "the host in the URL has to be a name in the database's certificate"
	case errors.As(err, &said): // also after a try with TLS that was refused, as without sslmode in the URL
		return hintForCode(said, config)
	case err != nil && strings.Contains(err.Error(), "server refused TLS connection"):
		return "the database, or the pooler before it, has no TLS: switch it on there, or set sslmode=disable for one on this machine"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens there: start the database, or correct host and port in the URL"
	}
	return ""
}

// hintForCode is the hint for what the database, or the pooler before it, has answered.
func hintForCode(said *pgconn.PgError, config *pgx.ConnConfig) string {
	user, database := pgx.Identifier{config.User}.Sanitize(), pgx.Identifier{config.Database}.Sanitize()
	switch {
	case said.Code == wrongPassword, said.Code == protocolViolation && strings.Contains(said.Message, "authentication failed"):
		return "correct the user and the password in the URL; a pooler has users and passwords of its own"
	case said.Code == noSuchUser:
		return "create the user with createuser -P, or let it in from this address in pg_hba.conf; the URL names it"
	case said.Code == noSuchDatabase:
		return fmt.Sprintf("create it with createdb -O %s %s, or correct its name in the URL", user, database)
	case said.Code == protocolViolation && strings.Contains(said.Message, "no such database"):
		return "name it in the section [databases] of PgBouncer, or correct its name in the URL"
	case said.Code == insufficientPrivilege: // since PostgreSQL 15 only the owner of a database may create tables in it
		return fmt.Sprintf("the database has to belong to its user: create it with createdb -O %s %s, or run ALTER DATABASE %[2]s OWNER TO %[1]s", user, database)
	case said.Code == tooManyConnections:
		return "lower pool_max_conns in the URL, so that all replicas together stay below max_connections of the database"
	case said.Code == protocolViolation && strings.Contains(said.Message, "unsupported startup parameter"):
		return "leave that parameter out of the URL, or name it in ignore_startup_parameters of PgBouncer"
	case said.Code == protocolViolation && strings.Contains(said.Message, "no more connections allowed"):
		return "raise max_client_conn of PgBouncer, or lower pool_max_conns in the URL"
	}
	return ""
}
