package filestore_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/filestore"
	"github.com/dragoman-auth/dragoman/sdk/sdktest"
)

var key = bytes.Repeat([]byte{7}, 32)

func open(t *testing.T, dir string, options ...filestore.Option) *filestore.Store {
	t.Helper()
	store, err := filestore.New(dir, options...)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]filestore.Option{"in clear": nil, "encrypted": {filestore.WithKey(key)}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sdktest.RunStore(t, func(t *testing.T) func() sdk.Store {
				dir := filepath.Join(t.TempDir(), "new")
				return func() sdk.Store { return open(t, dir, options...) }
			})
		})
	}
}

var record = sdk.Record{Token: sdk.Token{Access: sdk.NewSecret("the-access-token"), Refresh: sdk.NewSecret("the-refresh-token")}}

func save(t *testing.T, store *filestore.Store, name string) {
	t.Helper()
	if _, err := store.Save(t.Context(), name, record); err != nil {
		t.Fatal(err)
	}
}

func TestFilesBelongToTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	store := open(t, dir)
	save(t, store, "session-1")
	unlock, err := store.Lock(t.Context(), "session-1")
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory: %v, %v; want 0700", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 5 {
		t.Fatalf("got %v, %v; want a record, and two files for each of two locks", entries, err)
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want 0600", entry.Name(), info.Mode(), err)
		}
	}
}

func TestEncryptedFilesShowNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	save(t, open(t, dir, filestore.WithKey(key)), "session-1")
	content, err := os.ReadFile(filepath.Join(dir, "session-1.token"))
	if err != nil || bytes.Contains(content, []byte("the-")) || bytes.Contains(content, []byte("access")) {
		t.Errorf("the file holds %q, %v", content, err)
	}
	for name, other := range map[string]*filestore.Store{
		"no key":      open(t, dir),
		"another key": open(t, dir, filestore.WithKey(bytes.Repeat([]byte{8}, 32))),
	} {
		if _, err := other.Load(t.Context(), "session-1"); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("%s: %v, want ErrConfig", name, err)
		}
	}
	// A file in the place of another, a changed file, and a file in clear.
	for name, content := range map[string][]byte{
		"session-2": content,
		"session-3": append(bytes.Clone(content[:len(content)-1]), content[len(content)-1]^1),
		"session-4": content[:20],
		"session-5": []byte(`{"format":1,"access":"x"}`),
	} {
		if err := os.WriteFile(filepath.Join(dir, name+".token"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := open(t, dir, filestore.WithKey(key)).Load(t.Context(), name); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("%s: %v, want ErrConfig", name, err)
		}
	}
}

func TestWhatACrashMayLeave(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store := open(t, dir)
	for name, content := range map[string]string{"a.token": "", "a.token.new": "half a rec", "b.token": `{"format":1,`, "c.token": `{"format":2}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := store.Load(t.Context(), "a"); err != nil || got.Version != 0 {
		t.Errorf("an empty file: %v, %v; want no record", got.Version, err)
	}
	save(t, store, "a")
	for _, name := range []string{"b", "c"} {
		if _, err := store.Load(t.Context(), name); err == nil || !strings.Contains(err.Error(), name+".token") {
			t.Errorf("a file that is no record: %v, want an error that names it", err)
		}
	}
}

func TestKeysCannotLeaveTheDirectory(t *testing.T) {
	t.Parallel()
	store := open(t, t.TempDir())
	for _, name := range []string{"", ".", "..", "../x", "a/b", `a\b`, "a.b", "-a", "a\x00b", strings.Repeat("a", 200)} {
		if _, err := store.Load(t.Context(), name); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("Load %q: %v", name, err)
		}
		if _, err := store.Save(t.Context(), name, record); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("Save %q: %v", name, err)
		}
		if err := store.Delete(t.Context(), name); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("Delete %q: %v", name, err)
		}
		if _, err := store.Lock(t.Context(), name); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("Lock %q: %v", name, err)
		}
	}
}

func TestBadSettings(t *testing.T) {
	t.Parallel()
	if _, err := filestore.New(""); !errors.Is(err, sdk.ErrConfig) {
		t.Errorf("no directory: %v", err)
	}
	for _, size := range []int{0, 16, 31, 33} {
		if _, err := filestore.New("x", filestore.WithKey(make([]byte, size))); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("a key of %d bytes: %v", size, err)
		}
	}
}
