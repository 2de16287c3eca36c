//go:build unix

package connections

import (
	"math"
	"syscall"
)

// descriptors is how many the process may have open. Go has raised the limit to the
// highest that is allowed.
func descriptors() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur > math.MaxInt32 {
		return math.MaxInt32
	}
	return int(limit.Cur)
}
