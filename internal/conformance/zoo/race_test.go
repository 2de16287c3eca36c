//go:build race

package zoo_test

// raced says whether the race detector watches.
const raced = true
