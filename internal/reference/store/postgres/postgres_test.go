package postgres_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/internal/reference/store/storetest"
	"github.com/dragoman-auth/dragoman/reference/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// longTimeout is that of stores in tests that are not about it: how long a database
// takes beside whatever else the machine does is no part of what they prove. A disk that
// others write to may keep it waiting for many seconds.
const longTimeout = 5 * time.Minute

func open(t testing.TB, url string) *postgres.Store {
	t.Helper()
	return openWithin(t, url, longTimeout)
}

// openWithin opens a store with a timeout; 0 is the usual one.
func openWithin(t testing.TB, url string, timeout time.Duration) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgres.Config{URL: url, Timeout: timeout})
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

func TestContract(t *testing.T) {
	t.Parallel()
	cluster := pgtest.New(t)
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, cluster.Database(t)) })
	t.Run("a scan sees every record whole", func(t *testing.T) {
		t.Parallel()
		storetest.Scan(t, open(t, cluster.Database(t)))
	})
}
