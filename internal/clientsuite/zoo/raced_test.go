//go:build race

package zoo

// raced says whether the race detector runs: it needs a sample of the zoo only.
const raced = true
