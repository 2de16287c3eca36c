package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// lockKey is that of the advisory lock that a migration holds, and lockRetry how often
// whoever waits for it asks again.
const (
	lockKey   = 0x6472_6167_6f6d_616e // "dragoman"
	lockRetry = 50 * time.Millisecond
	lockTime  = 5 * time.Minute
)

// migrate brings the schema up to date, and says whether the connections go through a
// pooler, such as PgBouncer. Replicas that start at once take turns by a lock that
// belongs to a transaction: behind a pooler a session is nobody's own.
func migrate(ctx context.Context, config *pgx.ConnConfig) (pooled bool, err error) {
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // prepares nothing
	ctx, cancel := context.WithTimeout(ctx, lockTime)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return false, withHint(err, config)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // ends the lock, too
	var backend uint32
	if err := conn.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&backend); err != nil {
		return false, withHint(err, config)
	}
	tx, err := lock(ctx, conn)
	if err != nil {
		return false, fmt.Errorf("migrate: %w", err)
	}
	if err := errors.Join(apply(ctx, config), tx.Rollback(ctx)); err != nil {
		return false, fmt.Errorf("migrate: %w", withHint(err, config))
	}
	// A pooler tells its clients a process of its own.
	return backend != conn.PgConn().PID(), nil
}

// lock returns a transaction that holds the lock. Whoever waits holds no connection of a
// pooler meanwhile.
func lock(ctx context.Context, conn *pgx.Conn) (pgx.Tx, error) {
	for {
		tx, err := conn.Begin(ctx)
		if err != nil {
			return nil, err
		}
		var locked bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, int64(lockKey)).Scan(&locked); err != nil || locked {
			return tx, err
		}
		if err := tx.Rollback(ctx); err != nil {
			return nil, err
		}
		select {
		case <-time.After(lockRetry):
		case <-ctx.Done():
			return nil, fmt.Errorf("another replica migrates: %w", ctx.Err())
		}
	}
}

// apply applies the steps that the database lacks.
func apply(ctx context.Context, config *pgx.ConnConfig) (err error) {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, steps, goose.WithTableName("dragoman_schema"))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}
