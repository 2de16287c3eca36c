// Package jsonrecord reads and changes records whose value is JSON. What the value
// means is up to the caller.
package jsonrecord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// Get reads a record and its value. The error wraps [store.ErrNotFound] when there
// is none, or [store.ErrUnavailable].
func Get[T any](ctx context.Context, s store.Store, kind store.Kind, key string) (store.Record, T, error) {
	var value T
	record, err := s.Get(ctx, kind, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return store.Record{}, value, err
	case err != nil:
		return store.Record{}, value, store.Unavailable(err)
	}
	err = decode(record, &value)
	return record, value, err
}

// List reads the values of all records of an owner, ordered by key. Errors of the
// store wrap [store.ErrUnavailable].
func List[T any](ctx context.Context, s store.Store, kind store.Kind, owner string) ([]store.Record, []T, error) {
	records, err := s.List(ctx, kind, owner)
	if err != nil {
		return nil, nil, store.Unavailable(err)
	}
	values := make([]T, len(records))
	for i, record := range records {
		if err := decode(record, &values[i]); err != nil {
			return nil, nil, err
		}
	}
	return records, values, nil
}

// Create adds a record. The error wraps [store.ErrExists] when its kind and key are
// taken, or [store.ErrUnavailable]. The record's Value is ignored.
func Create[T any](ctx context.Context, s store.Store, record store.Record, value T) (err error) {
	if record.Value, err = json.Marshal(value); err != nil {
		return fmt.Errorf("write a record of kind %s: %w", record.Kind, err)
	}
	if err = s.Create(ctx, record); err != nil && !errors.Is(err, store.ErrExists) {
		return store.Unavailable(err)
	}
	return err
}

// Change is [store.Change] for a value in JSON. The edit gets the zero value when
// there is no record. It may also change the Owner and Expires of the record.
func Change[T any](ctx context.Context, s store.Store, kind store.Kind, key string, edit func(record *store.Record, value *T) error) error {
	return store.Change(ctx, s, kind, key, func(record *store.Record) (err error) {
		var value T
		if record.Version > 0 {
			if err := decode(*record, &value); err != nil {
				return err
			}
		}
		if err := edit(record, &value); err != nil {
			return err
		}
		record.Value, err = json.Marshal(value)
		return err
	})
}

// Value reads the value of a record.
func Value[T any](record store.Record) (value T, err error) {
	err = decode(record, &value)
	return value, err
}

func decode[T any](record store.Record, value *T) error {
	if err := json.Unmarshal(record.Value, value); err != nil {
		return fmt.Errorf("read a record of kind %s: %w", record.Kind, err)
	}
	return nil
}
