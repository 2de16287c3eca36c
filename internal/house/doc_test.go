// Package house_test holds the repository as a whole to its promises: who may
// import whom, and that the pages say what the code does.
package house_test

import (
	"fmt"
	"os"
	"testing"
)

// TestMain runs the tests at the root of the repository, so that they name
// files as the pages do.
func TestMain(m *testing.M) {
	if err := os.Chdir("../.."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
