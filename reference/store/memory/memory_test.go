package memory_test

import (
	"testing"

	"github.com/dragoman-auth/dragoman/reference/store"
	"github.com/dragoman-auth/dragoman/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/store/storetest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) store.Store { return memory.New() })
}
