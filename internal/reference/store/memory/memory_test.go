package memory_test

import (
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/internal/reference/store/storetest"
	"github.com/dragoman-auth/dragoman/reference/store"
)

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) store.Store { return memory.New() })
	t.Run("a scan sees every record whole", func(t *testing.T) {
		t.Parallel()
		storetest.Scan(t, memory.New())
	})
}
