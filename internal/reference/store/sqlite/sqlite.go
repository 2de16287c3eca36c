package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// Store is a [store.Store] in a file. It is safe for concurrent use; [Open]
// makes it.
type Store struct {
	readers *sql.DB
	writes  chan *write
	cache   *cache

	closing   chan struct{} // closed by Close
	closed    chan struct{} // closed when the writer has ended
	closeOnce sync.Once
	closeErr  error

	selectOne, selectOwned, selectPage, countOwned *sql.Stmt
}

var (
	_ store.Pager   = (*Store)(nil)
	_ store.Counter = (*Store)(nil)
)

var errClosed = errors.New("the store is closed")

// busyTimeout is how long a transaction waits for one of another process.
const busyTimeout = 5 * time.Second

// Open opens the file, or makes it and its directory with mode 0700. The file gets
// mode 0600. The caller closes the store.
func Open(ctx context.Context, path string) (*Store, error) {
	if path == "" {
		return nil, errors.New("open SQLite store: it needs the path of a file")
	}
	if err := prepare(path); err != nil {
		return nil, fmt.Errorf("open SQLite store: %w", err)
	}
	writer, err := connect(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open SQLite store %s: %w", path, err)
	}
	s := &Store{
		writes: make(chan *write), cache: newCache(),
		closing: make(chan struct{}), closed: make(chan struct{}),
	}
	if err := s.openReaders(ctx, path); err != nil {
		return nil, errors.Join(fmt.Errorf("open SQLite store %s: %w", path, err), writer.close())
	}
	go func() { // ends with Close
		defer close(s.closed)
		// The writer closes last: it moves what stands in the write-ahead log into
		// the file, so that a stopped store is one file.
		s.closeErr = errors.Join(s.write(writer), s.readers.Close(), writer.close())
	}()
	return s, nil
}

// prepare creates the file before SQLite does, and sets its mode.
func prepare(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("make the file: %w", err)
	}
	return errors.Join(private(file), file.Close())
}

// private lets only the owner read a file, also one that is there already. SQLite
// gives the files beside it the same mode.
func private(file *os.File) error {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	if err := file.Chmod(0o600); err != nil {
		return fmt.Errorf("others may read the file, and it cannot be changed: %w", err)
	}
	return nil
}

// Lists and counts of an owner. Without INDEXED BY SQLite reads all records of the kind, because the
// primary key has them in the order of the list.
const (
	ownedQuery = `SELECT key, version, expires, value FROM records INDEXED BY records_owner WHERE kind = ? AND owner = ? ORDER BY key`
	pageQuery  = `SELECT key, version, expires, value FROM records INDEXED BY records_owner WHERE kind = ? AND owner = ? AND key >= ? ORDER BY key LIMIT ?`
	countQuery = `SELECT count(*) FROM records INDEXED BY records_owner WHERE kind = ? AND owner = ? AND (expires IS NULL OR expires > ?)`
)

// source is the file as the driver takes it.
func source(path string, pragmas ...string) string {
	query := url.Values{"_pragma": append([]string{
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "cache_size(-16384)",
	}, pragmas...)}
	file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}
	return file.String()
}

func (s *Store) openReaders(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", source(path, "query_only(1)"))
	if err != nil {
		return err
	}
	size := max(4, runtime.GOMAXPROCS(0))
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	s.readers = db
	for _, prepared := range []struct {
		statement **sql.Stmt
		text      string
	}{
		{&s.selectOne, `SELECT owner, version, expires, value FROM records WHERE kind = ? AND key = ?`},
		{&s.selectOwned, ownedQuery},
		{&s.selectPage, pageQuery},
		{&s.countOwned, countQuery},
	} {
		if *prepared.statement, err = db.PrepareContext(ctx, prepared.text); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	return nil
}

// Close lets running transactions finish and closes the file. Later operations
// fail.
func (s *Store) Close() error {
	s.closeOnce.Do(func() {
		close(s.closing)
		<-s.closed
	})
	return s.closeErr
}

// Get implements [store.Store].
func (s *Store) Get(ctx context.Context, kind store.Kind, key string) (store.Record, error) {
	if err := ctx.Err(); err != nil {
		return store.Record{}, fmt.Errorf("get %s: %w", kind, err)
	}
	record, found, mark := s.cache.get(kind, key)
	if found {
		return record, nil
	}
	record = store.Record{Kind: kind, Key: key}
	var expires sql.NullInt64
	// Reading one row takes less time than the driver needs to watch ctx.
	err := s.selectOne.QueryRowContext(context.WithoutCancel(ctx), string(kind), []byte(key)).Scan(&record.Owner, &record.Version, &expires, &record.Value)
	if errors.Is(err, sql.ErrNoRows) {
		return store.Record{}, fmt.Errorf("get %s: %w", kind, store.ErrNotFound)
	}
	if err != nil {
		return store.Record{}, fmt.Errorf("get %s: %w", kind, s.failed(ctx, err))
	}
	record.Expires = timeOf(expires)
	s.cache.put(record, mark)
	return record, nil
}

// List implements [store.Store].
func (s *Store) List(ctx context.Context, kind store.Kind, owner string) ([]store.Record, error) {
	return s.list(ctx, kind, owner, s.selectOwned, string(kind), []byte(owner))
}

// Page implements [store.Pager].
func (s *Store) Page(ctx context.Context, kind store.Kind, owner, from string, limit int) ([]store.Record, error) {
	return s.list(ctx, kind, owner, s.selectPage, string(kind), []byte(owner), []byte(from), limit)
}

// Count implements [store.Counter].
func (s *Store) Count(ctx context.Context, kind store.Kind, owner string, now time.Time) (count int, err error) {
	if err := s.countOwned.QueryRowContext(ctx, string(kind), []byte(owner), now.UnixMilli()).Scan(&count); err != nil {
		return 0, fmt.Errorf("count %s: %w", kind, s.failed(ctx, err))
	}
	return count, nil
}

// list returns the owner's records that a statement selects.
func (s *Store) list(ctx context.Context, kind store.Kind, owner string, statement *sql.Stmt, args ...any) ([]store.Record, error) {
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", kind, s.failed(ctx, err))
	}
	defer rows.Close() //nolint:errcheck // Err says what went wrong
	var records []store.Record
	for rows.Next() {
		record := store.Record{Kind: kind, Owner: owner}
		var expires sql.NullInt64
		if err := rows.Scan(&record.Key, &record.Version, &expires, &record.Value); err != nil {
			return nil, fmt.Errorf("list %s: %w", kind, s.failed(ctx, err))
		}
		record.Expires = timeOf(expires)
		records = append(records, record)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list %s: %w", kind, s.failed(ctx, err))
	}
	return records, nil
}

// failed returns the error of ctx where there is one: the driver says only
// "interrupted".
func (s *Store) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// Create implements [store.Store].
func (s *Store) Create(ctx context.Context, record store.Record) error {
	return s.submit(ctx, &write{verb: create, record: owned(record)})
}

// Update implements [store.Store].
func (s *Store) Update(ctx context.Context, record store.Record) error {
	return s.submit(ctx, &write{verb: update, record: owned(record)})
}

// owned returns the record with a copy of its value: a caller may cancel, and
// change the value before it is written.
func owned(record store.Record) store.Record {
	record.Value = slices.Clone(record.Value)
	return record
}

// Delete implements [store.Store].
func (s *Store) Delete(ctx context.Context, kind store.Kind, key string) error {
	return s.submit(ctx, &write{verb: remove, record: store.Record{Kind: kind, Key: key}})
}

// Sweep implements [store.Store]. It removes in small steps, so that other writers
// do not wait long.
func (s *Store) Sweep(ctx context.Context, now time.Time) (int, error) {
	removed := 0
	for {
		w := &write{verb: sweep, now: now}
		if err := s.submit(ctx, w); err != nil {
			return removed, err
		}
		removed += w.removed
		if w.removed < sweepStep {
			return removed, nil
		}
	}
}

// timeOf reads a time as the file holds it: epoch milliseconds, or NULL for
// never.
func timeOf(expires sql.NullInt64) time.Time {
	if !expires.Valid {
		return time.Time{}
	}
	return time.UnixMilli(expires.Int64).UTC()
}

func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}
