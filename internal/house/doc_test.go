// Package house_test holds the repository as a whole to its promises: who may
// import whom, and that the pages say what the code does.
package house_test

import (
	"os"
	"sync"
	"testing"
)

var changeToRoot = sync.OnceValue(func() error { return os.Chdir("../..") })

// atRoot is the first line of every test: it runs at the root of the repository,
// so that it names files as the pages do. TestMain is no place for this: what
// happens before m.Run is unknown to the cache of test results, which would then
// look for the files elsewhere and call a test passed whose page has changed.
func atRoot(t *testing.T) {
	t.Helper()
	if err := changeToRoot(); err != nil {
		t.Fatal(err)
	}
}
