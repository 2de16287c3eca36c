package store

import (
	"context"
	"errors"
)

// ErrUnchanged is what the edit of a [Change] returns to end it without a write.
var ErrUnchanged = errors.New("unchanged")

// Change reads a record, edits it and writes it back. When another writer was
// faster it starts again; it ends, because each time another change is done.
//
// The edit gets the record as it is stored, or one with version 0 when there is
// none; then Change creates it. The edit may change Owner, Expires and Value, which
// it replaces as a whole. It may run several times. Its error ends the change and
// is returned; [ErrUnchanged] ends it without an error. Errors of the store wrap
// [ErrUnavailable].
func Change(ctx context.Context, s Store, kind Kind, key string, edit func(*Record) error) error {
	for {
		record, err := s.Get(ctx, kind, key)
		switch {
		case errors.Is(err, ErrNotFound):
			record = Record{Kind: kind, Key: key}
		case err != nil:
			return Unavailable(err)
		}
		switch err := edit(&record); {
		case errors.Is(err, ErrUnchanged):
			return nil
		case err != nil:
			return err
		}
		if record.Version == 0 {
			err = s.Create(ctx, record)
		} else {
			err = s.Update(ctx, record)
		}
		switch {
		case errors.Is(err, ErrExists), errors.Is(err, ErrConflict), errors.Is(err, ErrNotFound):
		default:
			return Unavailable(err)
		}
	}
}
