package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the schema up to date. Replicas that start at once take turns
// by an advisory lock.
func migrate(ctx context.Context, config *pgx.ConnConfig) (err error) {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, steps,
		goose.WithSessionLocker(locker), goose.WithTableName("dragoman_schema"))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", withHint(err, config))
	}
	return nil
}

// withHint says what to do when the user may not create tables: since PostgreSQL
// 15 only the owner of the database may.
func withHint(err error, config *pgx.ConnConfig) error {
	const insufficientPrivilege = "42501"
	var said *pgconn.PgError
	if !errors.As(err, &said) || said.Code != insufficientPrivilege {
		return err
	}
	user, database := pgx.Identifier{config.User}.Sanitize(), pgx.Identifier{config.Database}.Sanitize()
	return fmt.Errorf("%w; the database has to belong to its user: create it with createdb -O %s %s, or run ALTER DATABASE %[3]s OWNER TO %[2]s",
		err, user, database)
}
