package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// verb is what a write does.
type verb string

const (
	create verb = "create"
	update verb = "update"
	remove verb = "delete"
	sweep  verb = "sweep"
)

// write is one operation on its way into a transaction.
type write struct {
	verb   verb
	record store.Record
	now    time.Time // of a sweep

	ctx     context.Context //nolint:containedctx // of one job in the queue; only the writer reads it
	removed int
	swept   []store.Record
	err     error // of this write alone; the transaction goes on
	done    chan error
}

const (
	// maxBatch bounds how many writes share a transaction, and so how long a
	// transaction takes.
	maxBatch = 256
	// sweepStep bounds how many records one write of a sweep removes.
	sweepStep = 1000
)

// submit passes a write to the writer and waits for its commit. When ctx ends
// meanwhile, the write may or may not happen.
func (s *Store) submit(ctx context.Context, w *write) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s %s: %w", w.verb, w.record.Kind, err)
	}
	w.ctx, w.done = ctx, make(chan error, 1)
	err := errClosed
	select {
	case s.writes <- w:
		select {
		case err = <-w.done:
		case <-ctx.Done():
			err = ctx.Err()
		}
	case <-ctx.Done():
		err = ctx.Err()
	case <-s.closing:
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", w.verb, w.record.Kind, err)
	}
	return nil
}

// writer is the one connection that writes.
type writer struct {
	db   *sql.DB
	conn *sql.Conn

	begin, commit, rollback, version *sql.Stmt
	insert, replace, exists, remove  *sql.Stmt
	lax                              bool // the commits are unsynced
	selectDue                        *sql.Stmt
	dataVersion                      int64 // at the last check for writes of other processes
}

func connect(ctx context.Context, path string) (*writer, error) {
	db, err := sql.Open("sqlite", source(path, "journal_mode(wal)", "synchronous(full)"))
	if err != nil {
		return nil, err
	}
	w := &writer{db: db}
	if w.conn, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	err = migrate(ctx, w.conn)
	for _, prepared := range []struct {
		statement **sql.Stmt
		text      string
	}{
		{&w.begin, `BEGIN IMMEDIATE`},
		{&w.commit, `COMMIT`},
		{&w.rollback, `ROLLBACK`},
		{&w.version, `PRAGMA data_version`},
		{&w.insert, `INSERT INTO records (kind, key, owner, version, expires, value) VALUES (?, ?, ?, 1, ?, ?) ON CONFLICT DO NOTHING`},
		{&w.replace, `UPDATE records SET owner = ?, version = version + 1, expires = ?, value = ? WHERE kind = ? AND key = ? AND version = ?`},
		{&w.exists, `SELECT count(*) FROM records WHERE kind = ? AND key = ?`},
		{&w.remove, `DELETE FROM records WHERE kind = ? AND key = ?`},
		{&w.selectDue, `SELECT kind, key FROM records WHERE expires <= ? LIMIT ?`},
	} {
		if err == nil {
			*prepared.statement, err = w.conn.PrepareContext(ctx, prepared.text)
		}
	}
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// close closes the connection, and its statements first: with one of them open
// SQLite keeps the connection, and does not move what stands in the write-ahead log
// into the file.
func (w *writer) close() error {
	for _, statement := range []*sql.Stmt{w.begin, w.commit, w.rollback, w.version, w.insert, w.replace, w.exists, w.remove, w.selectDue} {
		if statement != nil {
			_ = statement.Close()
		}
	}
	return errors.Join(w.conn.Close(), w.db.Close())
}

// write does writes until Close, and checks for those of other processes.
func (s *Store) write(w *writer) error {
	check := time.NewTicker(Staleness / 2)
	defer check.Stop()
	s.checkForeignWrites(w)
	for {
		select {
		case first := <-s.writes:
			s.transact(w, s.gather(first))
		case <-check.C:
			s.checkForeignWrites(w)
		case <-s.closing:
			return nil
		}
	}
}

// gather returns a batch of the first write and all that wait already.
func (s *Store) gather(first *write) []*write {
	batch := []*write{first}
	for len(batch) < maxBatch {
		select {
		case next := <-s.writes:
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

// checkForeignWrites clears the cache when another process has written since the
// last check, and extends its validity. data_version does not change with the
// connection's own writes.
func (s *Store) checkForeignWrites(w *writer) {
	checked := time.Now()
	var version int64
	if err := w.version.QueryRowContext(context.Background()).Scan(&version); err != nil {
		return // the validity of the cache is not extended
	}
	if version != w.dataVersion {
		w.dataVersion = version
		s.cache.clear()
	}
	s.cache.extendValidity(checked.Add(Staleness))
}

// transact does a batch in one transaction. All writes end after the commit; when
// it fails, all end with its error.
func (s *Store) transact(w *writer, batch []*write) {
	ctx := context.Background() // the cancellation of one caller must not end the transaction of all
	err := w.relax(ctx, relaxed(batch))
	if err == nil {
		err = exec(ctx, w.begin)
	}
	if err == nil {
		for _, one := range batch {
			if one.err = one.ctx.Err(); one.err != nil {
				continue
			}
			if err = w.apply(ctx, one); err != nil {
				break
			}
		}
		if err == nil {
			err = exec(ctx, w.commit)
		}
		if err != nil { // a full disk may have ended the transaction already
			_ = exec(ctx, w.rollback)
		}
	}
	for _, one := range batch {
		s.updateCache(one, err == nil)
	}
	for _, one := range batch {
		if err != nil {
			one.err = err
		}
		one.done <- one.err
	}
}

// relaxed says whether no write of the batch has to be on the disk after the commit.
func relaxed(batch []*write) bool {
	return !slices.ContainsFunc(batch, func(one *write) bool { return !store.IsRelaxed(one.ctx) })
}

// relax chooses whether the next commits wait for the disk. Those that do not are in
// the write-ahead log, and the next one that waits takes them to the disk as well.
func (w *writer) relax(ctx context.Context, lax bool) error {
	if w.lax == lax {
		return nil
	}
	pragma := `PRAGMA synchronous = FULL`
	if lax {
		pragma = `PRAGMA synchronous = NORMAL`
	}
	// Never prepared before: SQLite sets the value already when it reads the text.
	if _, err := w.conn.ExecContext(ctx, pragma); err != nil {
		return err
	}
	w.lax = lax
	return nil
}

// updateCache applies a write to the cache.
func (s *Store) updateCache(one *write, committed bool) {
	record := one.record
	switch {
	case committed && one.err == nil && one.verb == create:
		record.Version = 1
		s.cache.written(record)
	case committed && one.err == nil && one.verb == update:
		record.Version++
		s.cache.written(record)
	default:
		s.cache.drop(record.Key)
	}
	for _, gone := range one.swept {
		s.cache.drop(gone.Key)
	}
}

// apply does one write. The error that it returns ends the transaction; an error
// of this write alone is in its err.
func (w *writer) apply(ctx context.Context, one *write) error {
	kind, key := string(one.record.Kind), []byte(one.record.Key)
	value := one.record.Value
	if value == nil {
		value = []byte{}
	}
	switch one.verb {
	case create:
		done, err := affects(w.insert.ExecContext(ctx, kind, key, []byte(one.record.Owner), millis(one.record.Expires), value))
		if err == nil && !done {
			one.err = store.ErrExists
		}
		return err
	case update:
		done, err := affects(w.replace.ExecContext(ctx, []byte(one.record.Owner), millis(one.record.Expires), value, kind, key, one.record.Version))
		if err != nil || done {
			return err
		}
		var there int
		if err := w.exists.QueryRowContext(ctx, kind, key).Scan(&there); err != nil {
			return err
		}
		if one.err = store.ErrNotFound; there == 1 {
			one.err = store.ErrConflict
		}
		return nil
	case remove:
		done, err := affects(w.remove.ExecContext(ctx, kind, key))
		if err == nil && !done {
			one.err = store.ErrNotFound
		}
		return err
	default:
		return w.sweep(ctx, one)
	}
}

// sweep removes one step of what is due.
func (w *writer) sweep(ctx context.Context, one *write) error {
	rows, err := w.selectDue.QueryContext(ctx, one.now.UnixMilli(), sweepStep)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err says what went wrong
	for rows.Next() {
		var due store.Record
		if err := rows.Scan(&due.Kind, &due.Key); err != nil {
			return err
		}
		one.swept = append(one.swept, due)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, due := range one.swept {
		if _, err := w.remove.ExecContext(ctx, string(due.Kind), []byte(due.Key)); err != nil {
			return err
		}
	}
	one.removed = len(one.swept)
	return nil
}

func exec(ctx context.Context, statement *sql.Stmt) error {
	_, err := statement.ExecContext(ctx)
	return err
}

// affects says whether a statement changed a row.
func affects(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	rows, err := result.RowsAffected()
	return rows > 0, err
}
