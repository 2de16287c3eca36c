package backup

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// Target is a store that can be filled.
type Target interface {
	Source
	store.Store
}

// ErrNotEmpty says that the store that is to be filled holds records.
var ErrNotEmpty = errors.New("the store is not empty")

// parallel is how many records are written at once: stores share commits.
const parallel = 64

// Restore fills an empty store with the records of a file that keep wants. It
// first reads the file to its end: what is not whole changes nothing. Errors
// wrap [ErrNotEmpty]. After another error the store may hold some of the records.
func Restore(ctx context.Context, from io.ReadSeeker, to Target, keep func(store.Record) bool) (Summary, error) {
	if err := to.Scan(ctx, func(store.Record) error { return ErrNotEmpty }); err != nil {
		return Summary{}, fmt.Errorf("restore: %w", err)
	}
	if _, err := Read(from, func(store.Record) error { return nil }); err != nil {
		return Summary{}, err
	}
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return Summary{}, fmt.Errorf("restore: %w", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	kept := 0
	summary, err := Read(from, func(record store.Record) error {
		if !keep(record) {
			return ctx.Err()
		}
		kept++
		group.Go(func() error { return to.Create(ctx, record) })
		return ctx.Err()
	})
	if err := errors.Join(group.Wait(), err); err != nil {
		return Summary{}, fmt.Errorf("restore: %w", err)
	}
	summary.Records = kept
	return summary, nil
}

// Empty removes all records of a store.
func Empty(ctx context.Context, s Target) error {
	var records []store.Record
	err := s.Scan(ctx, func(record store.Record) error {
		records = append(records, store.Record{Kind: record.Kind, Key: record.Key})
		return nil
	})
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, record := range records {
		group.Go(func() error {
			if err := s.Delete(ctx, record.Kind, record.Key); !errors.Is(err, store.ErrNotFound) {
				return err
			}
			return nil
		})
	}
	if err := errors.Join(err, group.Wait()); err != nil {
		return fmt.Errorf("empty a store: %w", err)
	}
	return nil
}
