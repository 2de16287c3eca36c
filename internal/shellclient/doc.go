// Package shellclient is the SDK for the command line: login, token, call, logout,
// exec and proxy. Tokens are kept in a store that the processes of a user share,
// so that one login serves them all, and the commands take passwords from a
// variable, a file, a command or a terminal, never from an argument. How tokens are
// kept alive is the business of package sdk.
package shellclient

import "github.com/spf13/cobra"

// Commands are all of them. Each call makes new ones.
func Commands() []*cobra.Command {
	return []*cobra.Command{newLogin(), newToken(), newCall(), newLogout(), newExec(), newProxy()}
}

// Exit is an error that ends the program with a code of its own. What there was to
// say is said already where Err is nil.
type Exit struct {
	Code int
	Err  error
}

func (e *Exit) Error() string {
	if e.Err == nil {
		return "the command failed"
	}
	return e.Err.Error()
}

func (e *Exit) Unwrap() error { return e.Err }

// failed is the exit code of a login or a request that was refused or not answered.
const failed = 1
