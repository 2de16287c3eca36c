package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dragoman-auth/dragoman/reference/store"
)

const (
	selectOne = `SELECT owner, version, expires, value FROM records WHERE kind = $1 AND key = $2`
	updateOne = `UPDATE records SET owner = $4, version = version + 1, expires = $5, value = $6
		WHERE kind = $1 AND key = $2 AND version = $3`
	// The setting holds until the end of the transaction, which is this statement.
	updateRelaxed = updateOne + ` AND set_config('synchronous_commit', 'off', true) = 'off'`

	// A batch that waits for longer for one of its rows is undone, and done one by one.
	shortLocks        = `SELECT set_config('lock_timeout', '100ms', true)`
	shortLocksRelaxed = shortLocks + `, set_config('synchronous_commit', 'off', true)`
)

// get reads a record.
func (s *Store) get(j *job) error {
	return s.attempt(j.ctx, always, func(ctx context.Context, conn *pgx.Conn) error {
		return scanJob(conn.QueryRow(ctx, selectOne, selectArgs(j)...), j)
	})
}

// getAll reads records in one round trip.
func (s *Store) getAll(ctx context.Context, jobs []*job) (none []*job, err error) {
	return nil, s.attempt(ctx, always, func(ctx context.Context, conn *pgx.Conn) error {
		var statements pgx.Batch
		for _, j := range jobs {
			statements.Queue(selectOne, selectArgs(j)...)
		}
		results := conn.SendBatch(ctx, &statements)
		for _, j := range jobs {
			if j.err = scanJob(results.QueryRow(), j); j.err != nil && !errors.Is(j.err, store.ErrNotFound) {
				return errors.Join(j.err, results.Close())
			}
		}
		return results.Close()
	})
}

func selectArgs(j *job) []any { return []any{string(j.record.Kind), []byte(j.record.Key)} }

// scanJob reads what the database has of a job's record.
func scanJob(row pgx.Row, j *job) error {
	var owner []byte
	var expires *int64
	err := row.Scan(&owner, &j.record.Version, &expires, &j.record.Value)
	if errors.Is(err, pgx.ErrNoRows) {
		return store.ErrNotFound
	}
	j.record.Owner, j.record.Expires = string(owner), timeOf(expires)
	return err
}

// update changes a record.
func (s *Store) update(j *job) error {
	return s.attempt(j.ctx, undone, func(ctx context.Context, conn *pgx.Conn) error {
		statement := updateOne
		if store.IsRelaxed(j.ctx) {
			statement = updateRelaxed
		}
		tag, err := conn.Exec(ctx, statement, updateArgs(j)...)
		if err != nil || tag.RowsAffected() == 1 {
			return err
		}
		var there bool
		if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM records WHERE kind = $1 AND key = $2)`, selectArgs(j)...).Scan(&there); err != nil {
			return err
		}
		if there {
			return store.ErrConflict
		}
		return store.ErrNotFound
	})
}

// updateAll changes records in one transaction. It returns those that it did not find as
// they should be, and so did not change.
func (s *Store) updateAll(ctx context.Context, jobs []*job) (unchanged []*job, err error) {
	err = s.attempt(ctx, undone, func(ctx context.Context, conn *pgx.Conn) error {
		var statements pgx.Batch
		// One that has to be on the disk after the commit takes the others with it.
		if slices.ContainsFunc(jobs, func(j *job) bool { return !store.IsRelaxed(j.ctx) }) {
			statements.Queue(shortLocks)
		} else {
			statements.Queue(shortLocksRelaxed)
		}
		for _, j := range jobs {
			statements.Queue(updateOne, updateArgs(j)...)
		}
		results := conn.SendBatch(ctx, &statements)
		_, err := results.Exec()
		unchanged = nil
		for _, j := range jobs {
			if err != nil {
				break
			}
			var tag pgconn.CommandTag
			if tag, err = results.Exec(); err == nil && tag.RowsAffected() == 0 {
				unchanged = append(unchanged, j)
			}
		}
		return errors.Join(err, results.Close())
	})
	return unchanged, err
}

func updateArgs(j *job) []any {
	return []any{string(j.record.Kind), []byte(j.record.Key), j.record.Version, []byte(j.record.Owner), millis(j.record.Expires), bytes(j.record.Value)}
}
