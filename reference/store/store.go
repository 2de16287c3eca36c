// Package store says what the reference server needs of a place that keeps its
// records: a handful of operations on small values, with compare-and-swap. The
// store knows nothing of tokens, sessions or accounts, and never sees one in
// clear: callers hand it digests. What a record means, and whether it is still
// good, is for its owner (package grant, package account) to say.
//
// Package storetest holds the contract that every implementation passes;
// package memory is the one that forgets when the process ends.
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

// What callers branch on. Any other error of a [Store] means that it could not
// do its work, and says nothing about the record; see [Unavailable].
var (
	// ErrNotFound says that no record has this kind and key.
	ErrNotFound = errors.New("no such record")
	// ErrExists says that a record with this kind and key exists already.
	ErrExists = errors.New("the record exists already")
	// ErrConflict says that the record has changed since it was read.
	ErrConflict = errors.New("the record has changed since it was read")
	// ErrUnavailable says that the store could not do its work.
	ErrUnavailable = errors.New("the store is not available")
)

// Unavailable marks an error as the store's failure with [ErrUnavailable], for
// callers that have dealt with the other sentinels. Nil stays nil.
func Unavailable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// Store keeps records. Implementations are safe for concurrent use, keep no
// reference to a Value they were given, and return Values that nobody changes:
// neither they nor the caller. An operation that returned nil has happened, for
// every later reader.
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
