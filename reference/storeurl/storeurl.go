// Package storeurl opens the store that a URL names, so that a server and the
// commands that work on its store read the URL alike.
package storeurl

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres"
	"github.com/dragoman-auth/dragoman/internal/reference/store/sqlite"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Store is an open store. The caller of [Open] closes it.
type Store interface {
	store.Store
	io.Closer
	// Scan calls each for every record, in any order, as they were when it began;
	// writers go on meanwhile. The error of each ends it and is returned.
	Scan(ctx context.Context, each func(store.Record) error) error
}

// The schemes of the URLs of two stores.
const (
	Memory = "memory:"
	SQLite = "sqlite:"
)

// Open opens one of three stores: "memory:" is lost when the process ends,
// "sqlite:PATH" is a file, created where it is missing, and
// "postgres://user@host/database" is a database that replicas share. Errors never
// show a password.
func Open(ctx context.Context, url string) (Store, error) {
	switch {
	case url == Memory:
		return inMemory{memory.New()}, nil
	case strings.HasPrefix(url, SQLite):
		return sqlite.Open(ctx, strings.TrimPrefix(url, SQLite))
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		return postgres.Open(ctx, postgres.Config{URL: url})
	default: // the URL is not repeated: it may hold a password
		return nil, fmt.Errorf("a store is %s, %sPATH or postgres://user@host/database", Memory, SQLite)
	}
}

type inMemory struct{ *memory.Store }

// Close does nothing: there is nothing to release.
func (inMemory) Close() error { return nil }
