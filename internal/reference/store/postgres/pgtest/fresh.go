package pgtest

import (
	"os"
	"path/filepath"
	"sync"
)

// fresh is a data folder that initdb has made and nobody has used. The clusters of a
// test binary that are there at the same time copy one: initdb takes most of a second of
// a core. It is safe for concurrent use.
type fresh struct {
	mu    sync.Mutex
	dir   string // "" where there is none
	users int    // clusters that are there
}

var shared fresh

// copyTo gives a cluster its data, and makes the folder if it is the first. The folder
// goes with the last cluster's test.
func (f *fresh) copyTo(c *Cluster) {
	c.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.users++
	c.t.Cleanup(f.release)
	if f.dir == "" {
		dir := c.folder()
		defer func() {
			if f.dir == "" { // initdb has failed, and ended the test
				_ = os.RemoveAll(dir)
			}
		}()
		c.run("initdb", "-D", filepath.Join(dir, "data"), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync")
		f.dir = dir
	}
	c.run("cp", "-R", filepath.Join(f.dir, "data"), c.dir)
}

func (f *fresh) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.users--; f.users == 0 {
		_ = os.RemoveAll(f.dir) // none for ""
		f.dir = ""
	}
}
