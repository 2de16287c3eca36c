package keyring_test

import (
	"slices"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
)

func TestUses(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	keys := []keyring.Key{{From: now.Add(time.Second)}, {From: now}, {From: now.Add(-time.Hour)}}
	if got, want := keyring.Uses(keys, now), []keyring.Use{keyring.Later, keyring.Now, keyring.Ended}; !slices.Equal(got, want) {
		t.Errorf("the uses are %v, want %v", got, want)
	}
	if got := keyring.Uses(nil, now); len(got) != 0 {
		t.Errorf("no keys have the uses %v", got)
	}
}
