package atomicfile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/atomicfile"
)

func TestReplace(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, draft, elsewhere := filepath.Join(folder, "file"), filepath.Join(folder, "file.new"), filepath.Join(folder, "elsewhere")
	put := func(path, content string) {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	get := func(path string) string {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	put(path, "old")
	put(elsewhere, "of somebody else")
	if err := os.Symlink(elsewhere, draft); err != nil {
		put(draft, "what a crash left")
	}
	broken := errors.New("half-way")
	write := func(end error) func(io.Writer) error {
		return func(w io.Writer) error {
			if got := get(path); got != "old" {
				t.Errorf("before it is whole, the file is %q", got)
			}
			_, err := io.WriteString(w, "new")
			return errors.Join(err, end)
		}
	}
	if err := atomicfile.Replace(path, draft, 0o600, write(broken)); !errors.Is(err, broken) || get(path) != "old" {
		t.Errorf("after an error (%v) the file is %q", err, get(path))
	}
	if _, err := os.Lstat(draft); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an error leaves the draft (%v)", err)
	}
	if err := atomicfile.Replace(path, draft, 0o600, write(nil)); err != nil || get(path) != "new" {
		t.Errorf("got %q (%v)", get(path), err)
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file has the rights %v (%v)", info.Mode().Perm(), err)
	}
	if got := get(elsewhere); got != "of somebody else" {
		t.Errorf("the link in the place of the draft was written into: %q", got)
	}
}

func TestReplaceWithoutAFolder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "none")
	nothing := func(io.Writer) error { return nil }
	if err := atomicfile.Replace(filepath.Join(folder, "file"), filepath.Join(folder, "draft"), 0o600, nothing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if err := atomicfile.SyncFolder(folder); runtime.GOOS != "windows" && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a sync of no folder: %v", err)
	}
}

// TestReplaceInAFolderThatCannotBeRead: the file is there, and that is no error. Root may
// read every folder, so it shows this to other users only.
func TestReplaceInAFolderThatCannotBeRead(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "backups")
	if err := os.Mkdir(folder, 0o300); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(folder, 0o700) }) // so that it can be removed
	path := filepath.Join(folder, "file")
	if err := atomicfile.Replace(path, path+".new", 0o600, func(io.Writer) error { return nil }); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
