package sqlite_test

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/internal/reference/store/sqlite"
	"github.com/dragoman-auth/dragoman/internal/reference/store/storetest"
	"github.com/dragoman-auth/dragoman/reference/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func file(t testing.TB) string { return filepath.Join(t.TempDir(), "data", "dragoman.db") }

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, file(t)) })
	t.Run("a scan sees every record whole", func(t *testing.T) {
		t.Parallel()
		storetest.Scan(t, open(t, file(t)))
	})
}
