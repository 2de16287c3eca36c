package filestore

import (
	"os"
	"runtime"
)

// syncDir makes a rename or a removal in dir survive a power cut. Windows has no
// such call and journals by itself.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	handle, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = handle.Close() }()
	return handle.Sync()
}
