package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// Config says which database, and how long an operation may take.
type Config struct {
	// URL is postgres://user:password@host/database or the key=value form, as
	// libpq reads them; PGPASSWORD and its sisters count too. pool_max_conns
	// in it bounds the connections; 4 for each core, 8 to 64, where it is missing.
	URL string
	// Timeout bounds every operation, connecting included. Zero is 3 seconds.
	Timeout time.Duration
}

// Store is a [store.Store] in PostgreSQL. It is safe for concurrent use; [Open]
// makes it.
type Store struct {
	pool    *pgxpool.Pool
	size    int // of the pool, in connections
	timeout time.Duration
	pooled  bool // by PgBouncer or the like

	gets, updates queue
}

var (
	_ store.Pager   = (*Store)(nil)
	_ store.Counter = (*Store)(nil)
)

const defaultTimeout = 3 * time.Second

// defaultMaxConns is how many connections the pool has: 4 for each core, at least 8. More of
// them make the database switch between processes, and the slowest answers slower.
func defaultMaxConns(cores int) int32 { return int32(min(max(8, 4*cores), 64)) }

// Open connects, brings the schema up to date, and returns the store. The
// caller closes it. Errors do not show the password.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	config, err := poolConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL store: %w", err)
	}
	s := &Store{size: int(config.MaxConns), timeout: cfg.Timeout}
	most := max(1, s.size-1) // updates that all wait for locks leave a connection for reads
	s.gets = queue{one: s.get, many: s.getAll, most: most}
	s.updates = queue{one: s.update, many: s.updateAll, most: most}
	if s.timeout == 0 {
		s.timeout = defaultTimeout
	}
	preferWritable(config, s.timeout)
	s.pooled, err = migrate(ctx, config.ConnConfig.Copy())
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL store: %w", err)
	}
	if s.pooled && config.ConnConfig.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement { // the next statement may be another connection's, which has prepared nothing
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("open PostgreSQL store: %w", err)
	}
	return s, nil
}

func poolConfig(cfg Config) (*pgxpool.Config, error) {
	if cfg.URL == "" {
		return nil, errors.New("it needs a URL such as postgres://user@host/database")
	}
	config, err := pgxpool.ParseConfig(cfg.URL)
	if err != nil {
		return nil, err // pgx leaves the password out
	}
	given, err := pgconn.ParseConfig(cfg.URL)
	if err != nil {
		return nil, err
	}
	if given.RuntimeParams["pool_max_conns"] == "" {
		config.MaxConns = defaultMaxConns(runtime.GOMAXPROCS(0))
	}
	config.PrepareConn = func(ctx context.Context, conn *pgx.Conn) (bool, error) { return usable(ctx, conn), nil }
	return config, nil
}

// Close ends all connections.
func (s *Store) Close() error {
	s.gets.close()
	s.updates.close()
	s.pool.Close()
	return nil
}

// do runs one operation, and again on another connection when the first was cut
// and a repetition is safe. The pool hands out no connection that was cut
// before, so this is about connections that are cut at this moment.
//
// A write is repeated only if it did not happen. Whether a write happened whose
// answer was cut off nobody knows here, so that is an error: done twice, it
// could meet its own trace and be reported as another writer's.
func (s *Store) do(ctx context.Context, what string, kind store.Kind, safe safety, operation func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if err := s.attempt(ctx, safe, operation); err != nil {
		return fmt.Errorf("%s %s: %w", what, kind, err)
	}
	return nil
}

func (s *Store) attempt(ctx context.Context, safe safety, operation func(context.Context, *pgx.Conn) error) error {
	again, err := s.try(ctx, safe, operation)
	for range s.size {
		if !again || ctx.Err() != nil {
			break
		}
		again, err = s.try(ctx, safe, operation)
	}
	return err
}

// safety says when an operation may be repeated after its connection was cut.
type safety func(err error) bool

// always is for operations that do no harm when they are done twice.
func always(error) bool { return true }

// undone says whether an error means that the operation did not happen.
func undone(err error) bool {
	// An idle connection is told this by its server; a transaction that is
	// told this has been rolled back.
	const adminShutdown = "57P01"
	var said *pgconn.PgError
	return pgconn.SafeToRetry(err) || isReadOnly(err) || errors.As(err, &said) && said.Code == adminShutdown
}

// try runs an operation on one connection, and says whether it is to be tried
// again. When there is no connection to be had, it is not: nobody listens.
func (s *Store) try(ctx context.Context, safe safety, operation func(context.Context, *pgx.Conn) error) (again bool, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release()
	err = operation(ctx, conn.Conn())
	if isReadOnly(err) || s.becameReadOnly(conn.Conn()) {
		_ = conn.Conn().Close(ctx) // the pool replaces it
		if safe(err) {
			return true, errReadOnly
		}
	}
	return err != nil && conn.Conn().IsClosed() && safe(err), err
}

// Get implements [store.Store].
func (s *Store) Get(ctx context.Context, kind store.Kind, key string) (store.Record, error) {
	return s.queued(ctx, "get", &s.gets, store.Record{Kind: kind, Key: key})
}

// queued does an operation with those of others.
func (s *Store) queued(ctx context.Context, what string, q *queue, record store.Record) (store.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	result, err := q.submit(ctx, record)
	if err != nil {
		return store.Record{}, fmt.Errorf("%s %s: %w", what, record.Kind, err)
	}
	return result, nil
}

// Create implements [store.Store].
func (s *Store) Create(ctx context.Context, record store.Record) error {
	return s.do(ctx, "create", record.Kind, undone, func(ctx context.Context, conn *pgx.Conn) error {
		tag, err := conn.Exec(ctx, `INSERT INTO records (kind, key, owner, version, expires, value)
			VALUES ($1, $2, $3, 1, $4, $5) ON CONFLICT DO NOTHING`,
			string(record.Kind), []byte(record.Key), []byte(record.Owner), millis(record.Expires), bytes(record.Value))
		if err == nil && tag.RowsAffected() == 0 {
			return store.ErrExists
		}
		return err
	})
}

// Update implements [store.Store].
func (s *Store) Update(ctx context.Context, record store.Record) error {
	_, err := s.queued(ctx, "update", &s.updates, record)
	return err
}

// Delete implements [store.Store].
func (s *Store) Delete(ctx context.Context, kind store.Kind, key string) error {
	return s.do(ctx, "delete", kind, undone, func(ctx context.Context, conn *pgx.Conn) error {
		tag, err := conn.Exec(ctx, `DELETE FROM records WHERE kind = $1 AND key = $2`, string(kind), []byte(key))
		if err == nil && tag.RowsAffected() == 0 {
			return store.ErrNotFound
		}
		return err
	})
}

// List implements [store.Store].
func (s *Store) List(ctx context.Context, kind store.Kind, owner string) ([]store.Record, error) {
	return s.list(ctx, kind, owner, `SELECT key, version, expires, value FROM records WHERE kind = $1 AND owner = $2 ORDER BY key`,
		string(kind), []byte(owner))
}

// Page implements [store.Pager].
func (s *Store) Page(ctx context.Context, kind store.Kind, owner, from string, limit int) ([]store.Record, error) {
	return s.list(ctx, kind, owner, `SELECT key, version, expires, value FROM records WHERE kind = $1 AND owner = $2 AND key >= $3 ORDER BY key LIMIT $4`,
		string(kind), []byte(owner), []byte(from), limit)
}

// Count implements [store.Counter].
func (s *Store) Count(ctx context.Context, kind store.Kind, owner string, now time.Time) (count int, err error) {
	err = s.do(ctx, "count", kind, always, func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT count(*) FROM records WHERE kind = $1 AND owner = $2 AND (expires IS NULL OR expires > $3)`,
			string(kind), []byte(owner), now.UnixMilli()).Scan(&count)
	})
	return count, err
}

// list returns the owner's records that a query selects.
func (s *Store) list(ctx context.Context, kind store.Kind, owner, query string, args ...any) ([]store.Record, error) {
	var records []store.Record
	err := s.do(ctx, "list", kind, always, func(ctx context.Context, conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		records, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (store.Record, error) {
			record := store.Record{Kind: kind, Owner: owner}
			var key []byte
			var expires *int64
			err := row.Scan(&key, &record.Version, &expires, &record.Value)
			record.Key, record.Expires = string(key), timeOf(expires)
			return record, err
		})
		return err
	})
	return records, err
}

// sweepStep bounds how many rows one statement of a sweep locks.
const sweepStep = 1000

// Sweep implements [store.Store]. Replicas that sweep at once leave each
// other's rows alone.
func (s *Store) Sweep(ctx context.Context, now time.Time) (int, error) {
	removed := 0
	for {
		var step int64
		err := s.do(ctx, "sweep", "records", always, func(ctx context.Context, conn *pgx.Conn) error {
			tag, err := conn.Exec(ctx, `DELETE FROM records WHERE (kind, key) IN
				(SELECT kind, key FROM records WHERE expires <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED) AND expires <= $1`,
				now.UnixMilli(), sweepStep)
			step = tag.RowsAffected()
			return err
		})
		removed += int(step)
		if err != nil || step < sweepStep {
			return removed, err
		}
	}
}

// timeOf reads a time as the table keeps it: epoch milliseconds, or NULL for
// never.
func timeOf(expires *int64) time.Time {
	if expires == nil {
		return time.Time{}
	}
	return time.UnixMilli(*expires).UTC()
}

func millis(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

// bytes is never nil, which would be NULL.
func bytes(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}
