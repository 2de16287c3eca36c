//go:build !race

package needs

// Raced says whether the race detector runs. It makes code ten times slower, and a
// sample of a long table is enough for it.
const Raced = false
