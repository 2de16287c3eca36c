package postgres

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dragoman-auth/dragoman/reference/store"
)

const (
	// maxBatch bounds how many operations share a round trip, and so how long it takes
	// and how large it is.
	maxBatch = 32
	// slowBatch is how long an operation waits for the batches under way before one more
	// begins beside them. On a fast database one at a time costs least; where the way to
	// it is long, or a batch is stuck, several are needed.
	slowBatch = 10 * time.Millisecond
)

var errClosed = errors.New("the store is closed")

// job is one operation on its way to the database and back.
type job struct {
	ctx    context.Context //nolint:containedctx // of one job in the queue; its batch has one of its own
	record store.Record    // to be stored, or as it was read
	err    error
	alone  bool   // it must share no batch any more
	batch  *batch // nil while it waits
	done   chan struct{}
}

// batch is the jobs that share a round trip.
type batch struct {
	jobs    []*job
	waiting int // callers that still wait for it
	cancel  context.CancelFunc
}

// queue sends operations that arrive while others are under way to the database together.
type queue struct {
	// one does one operation, within its own context.
	one func(j *job) error
	// many does several in one round trip, and none of them if it returns an error. It
	// sets the errors of single ones, and returns those that have to be done alone.
	many func(ctx context.Context, jobs []*job) ([]*job, error)
	most int // round trips under way at once, and so connections in use

	mu      sync.Mutex
	closed  bool
	waiting []*job
	running int // round trips under way
	all     sync.WaitGroup
}

// close waits for what is under way. No operation begins after it.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.all.Wait()
}

// submit does an operation and returns its record. When ctx ends meanwhile, it may or may
// not happen. ctx has a deadline.
func (q *queue) submit(ctx context.Context, record store.Record) (store.Record, error) {
	j := &job{ctx: ctx, record: record}
	q.mu.Lock()
	switch {
	case q.closed:
		q.mu.Unlock()
		return store.Record{}, errClosed
	case q.running == 0:
		q.running++
		q.all.Add(1)
		q.mu.Unlock()
		defer q.all.Done()
		defer q.next()
		err := q.one(j)
		return j.record, err
	}
	j.done = make(chan struct{})
	j.record.Value = slices.Clone(record.Value) // the caller may be gone before it is sent
	q.waiting = append(q.waiting, j)
	q.mu.Unlock()
	return q.wait(ctx, j)
}

func (q *queue) wait(ctx context.Context, j *job) (store.Record, error) {
	slow := time.NewTimer(slowBatch)
	defer slow.Stop()
	for {
		select {
		case <-j.done:
			return j.record, j.err
		case <-slow.C:
			q.another(j)
		case <-ctx.Done():
			q.abandon(j)
			return store.Record{}, ctx.Err()
		}
	}
}

// another begins one more batch if a job still waits for its own.
func (q *queue) another(j *job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if j.batch == nil && j.ctx.Err() == nil {
		q.begin(1)
	}
}

// begin begins at most n more batches, as far as most allows. The caller holds the mutex.
func (q *queue) begin(n int) {
	for range min(n, q.most-q.running) {
		q.running++
		q.all.Go(q.work)
	}
}

// abandon cancels the batch of a job if its caller was the last that waited.
func (q *queue) abandon(j *job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if b := j.batch; b != nil {
		if b.waiting--; b.waiting == 0 {
			b.cancel()
		}
	}
}

// next has the jobs done that arrived while one was done alone.
func (q *queue) next() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.running--
		return
	}
	q.all.Go(q.work)
}

// work does one batch after the other while jobs wait.
func (q *queue) work() {
	for {
		ctx, b := q.take()
		if b == nil {
			return
		}
		q.do(ctx, b.jobs)
		b.cancel()
	}
}

// take makes a batch of the jobs that wait, or of the first if that has to be done alone,
// in the order of their keys, so that two batches never wait for each other's rows. Its
// context ends when the last of its callers has no time left. It returns nil when none
// waits.
func (q *queue) take() (context.Context, *batch) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = slices.DeleteFunc(q.waiting, func(j *job) bool { return j.ctx.Err() != nil })
	if len(q.waiting) == 0 {
		q.running--
		return nil, nil
	}
	n := 1
	for !q.waiting[0].alone && n < min(len(q.waiting), maxBatch) {
		n++
	}
	b := &batch{jobs: slices.Clone(q.waiting[:n]), waiting: n}
	q.waiting = slices.Delete(q.waiting, 0, n)
	var end time.Time
	for _, j := range b.jobs {
		j.batch = b
		if deadline, _ := j.ctx.Deadline(); deadline.After(end) {
			end = deadline
		}
	}
	slices.SortStableFunc(b.jobs, func(a, b *job) int {
		return cmp.Or(cmp.Compare(a.record.Kind, b.record.Kind), strings.Compare(a.record.Key, b.record.Key))
	})
	var ctx context.Context
	ctx, b.cancel = context.WithDeadline(context.Background(), end)
	return ctx, b
}

// do does the jobs of a batch. What the database refuses is undone, and done again one by
// one, for one of the jobs may be the cause; one that waits for a lock then delays no other.
func (q *queue) do(ctx context.Context, jobs []*job) {
	if len(jobs) == 1 {
		jobs[0].err = q.one(jobs[0])
		close(jobs[0].done)
		return
	}
	again, err := q.many(ctx, jobs)
	if isRefusal(err) {
		again, err = jobs, nil
	}
	for _, j := range jobs {
		if !slices.Contains(again, j) {
			j.err = cmp.Or(err, j.err)
			close(j.done)
		}
	}
	q.repeat(again)
}

// isRefusal says whether a transaction was refused, and so undone. Other errors of the
// database end the connection, and whether a commit was before that nobody knows.
func isRefusal(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && said.SeverityUnlocalized == "ERROR" && !strings.HasPrefix(said.Code, "08")
}

// repeat puts jobs before all others, each to be done alone.
func (q *queue) repeat(jobs []*job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range jobs {
		j.alone, j.batch = true, nil
	}
	q.waiting = slices.Concat(jobs, q.waiting)
	q.begin(len(jobs) - 1) // this worker does one
}
