package zoo

import (
	"slices"
	"strings"
)

// Mutant is a server that is wrong on purpose: one plausible mistake.
type Mutant struct {
	// Name is unique: the dialect and a few words, as "session/late-expiry".
	Name string
	// Breaks are the requirements that the mistake breaks, and all of them: the
	// suite must find each of these and nothing else.
	Breaks []string
	// Hides are requirements that cannot be judged because of the mistake; any
	// other that is not judged is an error.
	Hides []string
	// Why says in one sentence how a server comes to be like this.
	Why string
	// Change makes the mistake.
	Change func(*Server)
	// Serial judges it one scenario at a time, because its mistake hits
	// whoever comes next.
	Serial bool
}

// Dialect is the one in which the mutant is judged.
func (m Mutant) Dialect() string {
	dialect, _, _ := strings.Cut(m.Name, "/")
	return dialect
}

// Mutants are all of them, by dialect. The slice is fresh on every call.
func Mutants() []Mutant {
	return slices.Concat(
		sessionLogins(), sessionTokens(), sessionRefreshes(), sessionExtras(), security("session"),
		formLogins(), formAccess(), formManaged(), security("form"),
		rpcLogins(), rpcMistakes(), rpcSessions(), rpcAccess(), security("rpc"),
		scopedTokens(), scopedManaged(), scopedAccess(), security("scoped"),
	)
}
