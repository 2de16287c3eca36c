package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// database is what a queue sends its operations to. An operation takes as long as the
// value of its record says, a batch as long as the longest.
type database struct {
	queue
	mu   sync.Mutex
	sent []string // the keys of each round trip
	read []string // the values of their records at its end
	fail func(keys []string) error
}

func newDatabase(most int) *database {
	d := &database{}
	d.queue = queue{
		most: most,
		one:  func(j *job) error { return d.trip(j.ctx, j) },
		many: func(ctx context.Context, jobs []*job) ([]*job, error) {
			if err := d.trip(ctx, jobs...); err != nil {
				return nil, err
			}
			return slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return !strings.HasPrefix(j.record.Key, "changed") }), nil
		},
	}
	return d
}

func (d *database) trip(ctx context.Context, jobs ...*job) error {
	var keys []string
	var took time.Duration
	for _, j := range jobs {
		keys = append(keys, j.record.Key)
		one, _ := time.ParseDuration(string(j.record.Value))
		took = max(took, one)
	}
	d.mu.Lock()
	d.sent = append(d.sent, strings.Join(keys, " "))
	d.mu.Unlock()
	select {
	case <-time.After(took):
	case <-ctx.Done():
		return ctx.Err()
	}
	if d.fail != nil {
		if err := d.fail(keys); err != nil {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, j := range jobs {
		j.record.Version++
		d.read = append(d.read, string(j.record.Value))
	}
	return nil
}

// begin submits an operation that takes so long, and returns once it waits. The error
// is there when it has ended.
func (d *database) begin(ctx context.Context, key, takes string) <-chan error {
	ended := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		record, err := d.submit(ctx, store.Record{Key: key, Value: []byte(takes)})
		if err == nil && (record.Key != key || record.Version == 0) {
			err = fmt.Errorf("the result is %+v", record)
		}
		ended <- err
	}()
	synctest.Wait()
	return ended
}

func (d *database) wantSent(t *testing.T, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.sent, want) {
		t.Errorf("sent %q, want %q", d.sent, want)
	}
}

func wantAll(t *testing.T, want error, ended ...<-chan error) {
	t.Helper()
	for i, one := range ended {
		if err := <-one; !errors.Is(err, want) {
			t.Errorf("operation %d ends in %v, want %v", i, err, want)
		}
	}
}

// TestQueueSendsTogether: what arrives while an operation is under way shares the next
// round trip, in the order of the keys; what it found changed is asked about alone.
func TestQueueSendsTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDatabase(3)
		ended := []<-chan error{d.begin(t.Context(), "first", "5ms")}
		for _, key := range []string{"d", "b", "changed", "a"} {
			ended = append(ended, d.begin(t.Context(), key, "1ms"))
		}
		wantAll(t, nil, ended...)
		d.wantSent(t, "first", "a b changed d", "changed")
		wantAll(t, nil, d.begin(t.Context(), "later", "1ms"))
		d.wantSent(t, "first", "a b changed d", "changed", "later")
		d.close()
	})
}

// TestQueueBoundsItsBatches: of many operations no more than maxBatch share a round trip.
func TestQueueBoundsItsBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDatabase(3)
		ended := []<-chan error{d.begin(t.Context(), "first", "5ms")}
		for i := range maxBatch + 2 {
			ended = append(ended, d.begin(t.Context(), fmt.Sprintf("%03d", i), "1ms"))
		}
		wantAll(t, nil, ended...)
		if len(d.sent) != 3 || strings.Count(d.sent[1], " ") != maxBatch-1 || d.sent[2] != "032 033" {
			t.Errorf("sent %q", d.sent)
		}
	})
}

// TestQueueOpensAnother: behind a slow one, another batch begins after slowBatch, and no
// more than the bound are under way.
func TestQueueOpensAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDatabase(2)
		stuck := d.begin(t.Context(), "stuck", "30s")
		second := d.begin(t.Context(), "b", "20s")
		<-time.After(slowBatch - time.Millisecond)
		d.wantSent(t, "stuck")
		<-time.After(time.Millisecond)
		synctest.Wait()
		d.wantSent(t, "stuck", "b")
		third := d.begin(t.Context(), "c", "1ms")
		<-time.After(10 * time.Second)
		d.wantSent(t, "stuck", "b")
		wantAll(t, nil, third, second, stuck)
		d.wantSent(t, "stuck", "b", "c")
	})
}

// TestQueueRefusals: what is refused is done one by one; where a connection ended with a
// batch, all of it ends with that.
func TestQueueRefusals(t *testing.T) {
	t.Parallel()
	broken := errors.New("the connection was cut")
	lost := &pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "08006"}
	fatal := &pgconn.PgError{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: "57P02"}
	for name, row := range map[string]struct {
		err  error
		sent []string
		good error
	}{
		"refused":              {&pgconn.PgError{Severity: "FEHLER", SeverityUnlocalized: "ERROR", Code: "55P03"}, []string{"first", "a bad c", "a", "bad", "c"}, nil},
		"cut by the database":  {fatal, []string{"first", "a bad c"}, fatal},
		"cut on the way":       {broken, []string{"first", "a bad c"}, broken},
		"lost by a pooler":     {lost, []string{"first", "a bad c"}, lost},
		"refused, and wrapped": {fmt.Errorf("scan: %w", &pgconn.PgError{SeverityUnlocalized: "ERROR"}), []string{"first", "a bad c", "a", "bad", "c"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDatabase(1)
				d.fail = func(keys []string) error {
					if slices.Contains(keys, "bad") {
						return row.err
					}
					return nil
				}
				first := d.begin(t.Context(), "first", "5ms")
				a, bad, c := d.begin(t.Context(), "a", "1ms"), d.begin(t.Context(), "bad", "1ms"), d.begin(t.Context(), "c", "1ms")
				wantAll(t, nil, first)
				wantAll(t, row.good, a, c)
				wantAll(t, row.err, bad)
				slices.Sort(d.sent[2:]) // one by one, but at once
				d.wantSent(t, row.sent...)
			})
		})
	}
}

// TestQueueLeaving: who gives up gets the end of its context at once. Its operation is
// cancelled if nobody else waits for its batch, and never sent if it was not yet.
func TestQueueLeaving(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDatabase(1)
		ctx, cancel := context.WithCancel(t.Context())
		first := d.begin(t.Context(), "first", "5ms")
		a, b, c := d.begin(ctx, "a", "10s"), d.begin(t.Context(), "b", "10s"), d.begin(ctx, "c", "10s")
		wantAll(t, nil, first)
		synctest.Wait()
		late := d.begin(ctx, "late", "1ms")
		cancel()
		wantAll(t, context.Canceled, a, c, late)
		wantAll(t, nil, b)
		d.wantSent(t, "first", "a b c")

		ctx, cancel = context.WithCancel(t.Context())
		first = d.begin(t.Context(), "second", "5ms")
		a, b = d.begin(ctx, "a", "10s"), d.begin(ctx, "b", "10s")
		wantAll(t, nil, first)
		synctest.Wait()
		began := time.Now()
		cancel()
		wantAll(t, context.Canceled, a, b)
		d.close()
		if took := time.Since(began); took != 0 {
			t.Errorf("a batch that nobody waits for ends after %v", took)
		}
	})
}

// TestQueueKeepsNoValue: who has left may write over the value that it has passed.
func TestQueueKeepsNoValue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDatabase(1)
		first := d.begin(t.Context(), "first", "1ms")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		value := []byte("5s")
		left := make(chan error, 1)
		go func() {
			_, err := d.submit(ctx, store.Record{Key: "a", Value: value})
			left <- err
		}()
		synctest.Wait()
		other := d.begin(t.Context(), "b", "5s")
		wantAll(t, context.DeadlineExceeded, left)
		copy(value, "XX")
		wantAll(t, nil, first, other)
		if want := []string{"1ms", "5s", "5s"}; !slices.Equal(d.read, want) {
			t.Errorf("the database has read %q, want %q", d.read, want)
		}
	})
}

// TestQueueTime: the time of a batch ends with that of the last of its callers, and each
// of them has its own.
func TestQueueTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDatabase(1)
		began := time.Now()
		first := d.begin(t.Context(), "first", "1s")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		long := d.begin(t.Context(), "long", "1h")
		short := d.begin(ctx, "short", "1h")
		wantAll(t, nil, first)
		wantAll(t, context.DeadlineExceeded, short)
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("the short one ends after %v", took)
		}
		wantAll(t, context.DeadlineExceeded, long)
		d.close()
		if took := time.Since(began); took != time.Minute {
			t.Errorf("the batch ends after %v", took)
		}
	})
}

// TestQueueCloses: what waits is done, what comes later is refused.
func TestQueueCloses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDatabase(1)
		ended := []<-chan error{d.begin(t.Context(), "first", "1s"), d.begin(t.Context(), "a", "1s"), d.begin(t.Context(), "b", "1s")}
		began := time.Now()
		d.close()
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("it closes after %v", took)
		}
		wantAll(t, errClosed, d.begin(t.Context(), "late", "1s"))
		wantAll(t, nil, ended...)
		d.wantSent(t, "first", "a b")
	})
}
