package store

import (
	"context"
	"slices"
)

// Pager is a [Store] that lists a part of an owner's records without reading the
// others.
type Pager interface {
	Store
	// Page returns the owner's records of a kind whose key is from or greater, byte
	// by byte: the first limit of them, ordered by key. The limit is at least 1.
	Page(ctx context.Context, kind Kind, owner, from string, limit int) ([]Record, error)
}

// Page is [Pager.Page]. Of a store that is no Pager it lists all records of the owner.
func Page(ctx context.Context, s Store, kind Kind, owner, from string, limit int) ([]Record, error) {
	if pager, is := s.(Pager); is {
		return pager.Page(ctx, kind, owner, from, limit)
	}
	records, err := s.List(ctx, kind, owner)
	if err != nil {
		return nil, err
	}
	first, _ := slices.BinarySearchFunc(records, from, func(r Record, from string) int {
		if r.Key < from {
			return -1
		}
		return 1
	})
	records = records[first:]
	return records[:min(limit, len(records))], nil
}

// After is the least key that is greater than key: where the page behind it begins.
func After(key string) string { return key + "\x00" }
