// Package storeurl opens the store that a text names, so that a server and the
// commands beside it agree on what the text means.
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

// Store is an open store that its opener closes.
type Store interface {
	store.Store
	io.Closer
}

// How the name of each store begins.
const (
	Memory = "memory:"
	SQLite = "sqlite:"
)

// Open opens "memory:", which forgets when it is closed, "sqlite:PATH", which
// makes the file where it is missing, or "postgres://user@host/database".
// Errors never show a password.
func Open(ctx context.Context, url string) (Store, error) {
	switch {
	case url == Memory:
		return forgetful{memory.New()}, nil
	case strings.HasPrefix(url, SQLite):
		return sqlite.Open(ctx, strings.TrimPrefix(url, SQLite))
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		return postgres.Open(ctx, postgres.Config{URL: url})
	default: // not repeated: whatever it is, it may hold a password
		return nil, fmt.Errorf("a store is %s, %sPATH or postgres://user@host/database", Memory, SQLite)
	}
}

type forgetful struct{ *memory.Store }

// Close does nothing: the store ends with its last user.
func (forgetful) Close() error { return nil }
