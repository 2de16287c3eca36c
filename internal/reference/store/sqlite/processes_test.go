package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/store/sqlite"
	"github.com/dragoman-auth/dragoman/reference/store"
)

func record(key, value string) store.Record {
	return store.Record{Kind: "form", Key: key, Owner: "root", Value: []byte(value)}
}

// TestTwoProcesses: a store on a file reads what another one has written within
// Staleness, also when it has cached the old value.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	path := file(t)
	one, other := open(t, path), open(t, path)
	if err := one.Create(t.Context(), record("a", "first")); err != nil {
		t.Fatal(err)
	}
	old := read(t, other, "a")
	for i := range 3 {
		want := fmt.Sprintf("value %d", i)
		old.Value = []byte(want)
		if err := one.Update(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		if got := read(t, one, "a"); string(got.Value) != want {
			t.Errorf("the writer itself reads %q, want %q", got.Value, want)
		}
		written := time.Now()
		for {
			asked := time.Now()
			got := read(t, other, "a")
			if string(got.Value) == want {
				old = got
				break
			}
			if asked.Sub(written) > sqlite.Staleness {
				t.Fatalf("%v after the write the other still reads %q", asked.Sub(written), got.Value)
			}
		}
	}
	if err := one.Delete(t.Context(), "form", "a"); err != nil {
		t.Fatal(err)
	}
	if err := other.Update(t.Context(), old); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an update of what the other process deleted: %v", err)
	}
}

func read(t *testing.T, s store.Store, key string) store.Record {
	t.Helper()
	got, err := s.Get(t.Context(), "form", key)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestNothingIsLost: acknowledged writes of many writers are there after the file
// was closed and opened again.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	path := file(t)
	first := open(t, path)
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() {
			for i := range 20 {
				if err := first.Create(context.Background(), record(fmt.Sprintf("%d-%d", w, i), "x")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	records, err := open(t, path).List(t.Context(), "form", "root")
	if err != nil || len(records) != 16*20 {
		t.Errorf("after opening again there are %d records (%v), want 320", len(records), err)
	}
}

func TestFileIsPrivate(t *testing.T) {
	t.Parallel()
	made, found := file(t), filepath.Join(t.TempDir(), "found.db")
	if err := os.WriteFile(found, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{made, found} {
		s := open(t, path)
		if err := s.Create(t.Context(), record("a", "x")); err != nil {
			t.Fatal(err)
		}
		for _, suffix := range []string{"", "-wal", "-shm"} {
			info, err := os.Stat(path + suffix)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the file %s has mode %v (%v), want 0600", path+suffix, info.Mode(), err)
			}
		}
	}
}

// TestClosedStoreIsOneFile copies the file alone after a clean end: all is in it.
func TestClosedStoreIsOneFile(t *testing.T) {
	t.Parallel()
	path := file(t)
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	written := store.Record{Kind: "k", Key: "key", Value: []byte("value")}
	if err := s.Create(t.Context(), written); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "k", "key"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("beside the file there are %v (%v)", files, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(copied, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := open(t, copied).Get(t.Context(), "k", "key"); err != nil || string(r.Value) != "value" {
		t.Errorf("in the copy is %q (%v)", r.Value, err)
	}
}

func TestOperationsAfterCloseFail(t *testing.T) {
	t.Parallel()
	s := open(t, file(t))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Create(t.Context(), record("a", "x")); err == nil {
		t.Error("a closed store accepted a record")
	}
	if _, err := s.Get(t.Context(), "form", "a"); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("a closed store returns %v, as if it had read the file", err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	noDatabase := dir + "/text"
	if err := os.WriteFile(noDatabase, bytes.Repeat([]byte("no database\n"), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	newer := dir + "/newer"
	db, err := sql.Open("sqlite", newer)
	if err == nil {
		_, err = db.ExecContext(t.Context(), "PRAGMA user_version = 99")
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), newer); err == nil || !strings.HasSuffix(err.Error(), "migrate: the file has schema 99 and this program knows 1: use a newer dragoman") {
		t.Errorf("a newer schema: %v", err)
	}
	for _, path := range []string{"", dir, noDatabase, noDatabase + "/below/a/file"} {
		if s, err := sqlite.Open(t.Context(), path); err == nil {
			t.Errorf("%q was opened", path)
			_ = s.Close()
		}
	}
}
