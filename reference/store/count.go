package store

import (
	"context"
	"time"
)

// Counter is a [Store] that counts an owner's records without returning them.
type Counter interface {
	Store
	// Count returns how many of the owner's records of a kind expire after now or
	// never.
	Count(ctx context.Context, kind Kind, owner string, now time.Time) (int, error)
}

// Count is [Counter.Count]. Of a store that is no Counter it lists all records of the owner.
func Count(ctx context.Context, s Store, kind Kind, owner string, now time.Time) (int, error) {
	if counter, is := s.(Counter); is {
		return counter.Count(ctx, kind, owner, now)
	}
	records, err := s.List(ctx, kind, owner)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, record := range records {
		if !record.ExpiredAt(now) {
			count++
		}
	}
	return count, nil
}

// ExpiredAt says whether [Store.Sweep] at this time may remove the record.
func (r Record) ExpiredAt(now time.Time) bool { return !r.Expires.IsZero() && !r.Expires.After(now) }
