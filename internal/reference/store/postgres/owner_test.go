package postgres_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
)

// TestForeignDatabase: the error for a user that may not create tables says what to
// do, and that works.
func TestForeignDatabase(t *testing.T) {
	t.Parallel()
	superuser := pgtest.New(t).Database(t)
	conn, err := pgx.Connect(t.Context(), superuser)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	execute := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	execute(`CREATE ROLE "my user" LOGIN`)
	execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC") // as it is since PostgreSQL 15
	url := strings.Replace(superuser, "postgres@", "my%20user@", 1)
	database := conn.Config().Database
	_, err = postgres.Open(t.Context(), postgres.Config{URL: url})
	hint := `ALTER DATABASE "` + database + `" OWNER TO "my user"`
	for _, want := range []string{"SQLSTATE 42501", "the database has to belong to its user", `createdb -O "my user" "` + database + `"`, hint} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing: %v", want, err)
		}
	}
	execute(hint)
	open(t, url)
}
