package postgres

import (
	"crypto/x509"
	"fmt"
	"strings"
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
