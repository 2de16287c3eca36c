package postgres

import (
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestHints(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"sslrootcert=FILE":           x509.UnknownAuthorityError{},
		"a name in the database's":   x509.HostnameError{Certificate: &x509.Certificate{}, Host: "db"},
		"raise max_client_conn":      &pgconn.PgError{Code: "08P01", Message: "no more connections allowed (max_client_conn)"},
		"ALTER DATABASE \"d\" OWNER": &pgconn.PgError{Code: "42501"},
		"start the database":         syscall.ECONNREFUSED,
		"sslmode=disable":            errors.New("tls error: server refused TLS connection"),
		"createdb -O \"u\" \"d\"":    &pgconn.PgError{Code: "3D000"},
		"pg_hba.conf":                &pgconn.PgError{Code: "28000"},
		"a pooler has users":         &pgconn.PgError{Code: "08P01", Message: "SASL authentication failed"},
		"[databases]":                &pgconn.PgError{Code: "08P01", Message: "no such database: d"},
		// The first try is with TLS, and says nothing about why the second one failed.
		"correct the user and the password": errors.Join(errors.New("tls error: server refused TLS connection"), &pgconn.PgError{Code: "28P01"}),
	} {
		hinted := withHint(fmt.Errorf("connect: %w", err), &pgx.ConnConfig{Config: pgconn.Config{User: "u", Database: "d"}})
		if !strings.Contains(hinted.Error(), want) || !strings.HasPrefix(hinted.Error(), "connect: ") {
			t.Errorf("%v has the hint %v, want %s", err, hinted, want)
		}
	}
	other := &pgconn.PgError{Code: "57P03", Message: "the database system is starting up"}
	if got := withHint(other, &pgx.ConnConfig{}); got.Error() != other.Error() {
		t.Errorf("an error without a remedy is %v", got)
	}
}

// TestConnectionsGoByCores: 4 for each, but neither few nor many of them.
func TestConnectionsGoByCores(t *testing.T) {
	t.Parallel()
	for cores, want := range map[int]int32{1: 8, 2: 8, 3: 12, 16: 64, 128: 64} {
		if got := defaultMaxConns(cores); got != want {
			t.Errorf("%d cores: %d connections, want %d", cores, got, want)
		}
	}
}
