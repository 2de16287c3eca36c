package form

import "github.com/dragoman-auth/dragoman/internal/reference/httpio"

// Protection protects routes that are not the dialect's own. Every live token
// allows all of them.
func Protection(cfg Config) httpio.Protection {
	return httpio.Protection{Check: (&handler{cfg}).authorise, Fail: fail}
}
