package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// Scan calls each for every record, as they were when it began. It holds up no
// writer.
func (s *Store) Scan(ctx context.Context, each func(store.Record) error) error {
	rows, err := s.readers.QueryContext(ctx, `SELECT kind, key, owner, version, expires, value FROM records`)
	if err != nil {
		return fmt.Errorf("scan: %w", s.failed(ctx, err))
	}
	defer rows.Close() //nolint:errcheck // Err says what went wrong
	for rows.Next() {
		var record store.Record
		var expires sql.NullInt64
		if err := rows.Scan(&record.Kind, &record.Key, &record.Owner, &record.Version, &expires, &record.Value); err != nil {
			return fmt.Errorf("scan: %w", s.failed(ctx, err))
		}
		record.Expires = timeOf(expires)
		if err := each(record); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("scan: %w", s.failed(ctx, err))
	}
	return nil
}
