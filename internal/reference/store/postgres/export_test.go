package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// Pooled says whether the connections to a database go through a pooler.
func Pooled(ctx context.Context, url string) (bool, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return false, err
	}
	return migrate(ctx, config)
}

// UpdateAtOnce updates records in one batch, as updates that have come at once, and
// returns how each has ended.
func (s *Store) UpdateAtOnce(ctx context.Context, records ...store.Record) []error {
	var jobs []*job
	for _, record := range records {
		jobs = append(jobs, &job{ctx: ctx, record: record, done: make(chan struct{})})
	}
	s.updates.do(ctx, jobs)
	var results []error
	for _, j := range jobs {
		<-j.done
		results = append(results, j.err)
	}
	return results
}
