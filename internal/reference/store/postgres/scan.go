package postgres

import (
	"context"
	"fmt"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// Scan calls each for every record, as they were when it began. The timeout of the
// other operations does not end it.
func (s *Store) Scan(ctx context.Context, each func(store.Record) error) error {
	rows, err := s.pool.Query(ctx, `SELECT kind, key, owner, version, expires, value FROM records`)
	if err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var record store.Record
		var key, owner []byte
		var expires *int64
		if err := rows.Scan(&record.Kind, &key, &owner, &record.Version, &expires, &record.Value); err != nil {
			return fmt.Errorf("scan: %w", err)
		}
		record.Key, record.Owner, record.Expires = string(key), string(owner), timeOf(expires)
		if err := each(record); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	return nil
}
