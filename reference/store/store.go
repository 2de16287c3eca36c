// Package store is the interface between the reference server and its database: a
// few operations on small records, with compare-and-swap. A store does not know
// what a record means, nor whether it is still valid; packages grant and account
// do. It never receives a token in clear, only digests.
//
// Package storeurl opens the stores that come with the server.
package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Kind separates records of different meaning; a key is unique within its
// kind.
type Kind string

// Record is one small value under a key.
type Record struct {
	Kind Kind
	// Key is unique within Kind. It is compared byte by byte.
	Key string
	// Owner groups records for [Store.List]. It may be empty.
	Owner string
	// Version counts the updates of the record, from 1. Stores set it.
	Version int64
	// Expires is when [Store.Sweep] may remove the record. Until it does, the
	// store returns the record like any other: the clock is the caller's. The
	// zero time is never.
	Expires time.Time
	// Value is opaque to the store.
	Value []byte
}

// The errors that callers branch on. Any other error of a [Store] means that the
// operation failed, and says nothing about the record; see [Unavailable].
var (
	// ErrNotFound says that no record has this kind and key.
	ErrNotFound = errors.New("no such record")
	// ErrExists says that a record with this kind and key exists already.
	ErrExists = errors.New("the record exists already")
	// ErrConflict says that the record has changed since it was read.
	ErrConflict = errors.New("the record has changed since it was read")
	// ErrUnavailable says that an operation of the store failed.
	ErrUnavailable = errors.New("the store is not available")
)

// Unavailable wraps an error of a store with [ErrUnavailable], for callers that
// have handled the other sentinels. Nil stays nil.
func Unavailable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// Store holds records. Implementations are safe for concurrent use and keep no
// reference to a Value that they were given. Neither they nor the caller change a
// Value that they have returned. When an operation has returned nil, every later
// read sees it.
type Store interface {
	// Get returns the record, or an error that wraps [ErrNotFound].
	Get(ctx context.Context, kind Kind, key string) (Record, error)
	// Create adds a record with version 1, whatever its Version says. The
	// error wraps [ErrExists] when kind and key are taken.
	Create(ctx context.Context, record Record) error
	// Update replaces the record when its version in the store is still
	// record.Version, and raises the version by one. Otherwise the error wraps
	// [ErrConflict], or [ErrNotFound] when the record is gone.
	Update(ctx context.Context, record Record) error
	// Delete removes the record. The error wraps [ErrNotFound] when there is
	// none.
	Delete(ctx context.Context, kind Kind, key string) error
	// List returns the owner's records of a kind, ordered by key.
	List(ctx context.Context, kind Kind, owner string) ([]Record, error)
	// Sweep removes every record that expires at or before now and returns
	// how many it removed.
	Sweep(ctx context.Context, now time.Time) (int, error)
}
