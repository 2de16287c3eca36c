// Package atomicfile replaces files as a whole: readers see the old content or the
// new one, also after a crash.
//
// It is made by hand because github.com/google/renameio leaves Windows out, for which
// dragoman is released, and always draws a name of its own for the new file, so that a
// crash leaves files that nobody removes.
package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Replace writes a file. Until its content is whole and on the disk, the file that was
// there stays. The content is written to draft first, a path in the same folder; what
// a crash has left there is removed, and not written into, because it may be
// somebody else's link. Writers of one file that may run at the same time need
// different drafts. The file has the rights of perm (before umask), whatever the old
// one had. The error is that of write, or of the file system; then there is no draft.
func Replace(path, draft string, perm fs.FileMode, write func(io.Writer) error) (err error) {
	if err := os.Remove(draft); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(draft)
		}
	}()
	if err = write(file); err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err = os.Rename(draft, path); err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(path))
}

// SyncFolder makes a rename or a removal in a folder survive a power cut. Windows has
// no such call and journals by itself. A folder that may be written to and not read, as
// one for backups only, cannot be synced: there it does nothing.
func SyncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	handle, err := os.Open(folder)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(handle.Sync(), handle.Close())
}
