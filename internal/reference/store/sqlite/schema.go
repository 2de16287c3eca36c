package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// schema holds the steps from an empty file to the current schema; the file's
// user_version counts the steps that were applied. A step that was released is
// never changed.
var schema = []string{`
	CREATE TABLE records (
		kind    TEXT    NOT NULL,
		key     BLOB    NOT NULL,
		owner   BLOB    NOT NULL,
		version INTEGER NOT NULL,
		expires INTEGER,
		value   BLOB    NOT NULL,
		PRIMARY KEY (kind, key)
	) WITHOUT ROWID;
	CREATE INDEX records_owner ON records (kind, owner, key);
	CREATE INDEX records_expires ON records (expires) WHERE expires IS NOT NULL;
`}

// migrate applies the steps that the file lacks, in one exclusive transaction.
func migrate(ctx context.Context, conn *sql.Conn) (err error) {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer func() {
		if err != nil {
			_, rollback := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			err = fmt.Errorf("migrate: %w", errors.Join(err, rollback))
		}
	}()
	var at int
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&at); err != nil {
		return err
	}
	if at > len(schema) {
		return fmt.Errorf("the file has schema %d and this program knows %d: use a newer dragoman", at, len(schema))
	}
	for _, step := range schema[at:] {
		if _, err := conn.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(schema))); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}
