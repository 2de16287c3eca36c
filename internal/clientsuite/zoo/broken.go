package zoo

import (
	"slices"

	"github.com/dragoman-auth/dragoman/internal/clientsuite"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// Broken is a client that is wrong on purpose.
type Broken struct {
	Name string
	Why  string // how a client comes to be like this
	// Dialects in which it is wrong; none means all.
	Dialects []string
	// Breaks are the rows that fail it, in every dialect that has them; only in some
	// dialects where In says so.
	Breaks []string
	In     map[string][]string
	// Maybe are rows that fail it or not, as the scheduler has it; Hides are rows that it
	// makes untestable.
	Maybe, Hides []string
	habits       habits
}

// dialects are those in which it is judged.
func (b Broken) dialects() []string {
	if len(b.Dialects) == 0 {
		return wire.Dialects()
	}
	return b.Dialects
}

// breaks says whether a row has to fail the client in a dialect.
func (b Broken) breaks(id, dialect string) bool {
	in, some := b.In[id]
	return slices.Contains(b.Breaks, id) && (!some || slices.Contains(in, dialect))
}

// Program is the client.
func (b Broken) Program() clientsuite.Program { return like(b.habits) }

// BrokenClients are all of them. The slice is fresh on every call.
func BrokenClients() []Broken {
	return slices.Concat(obtaining(), reading(), replacing(), repeating(), waiting(), leaking(), ending(), overGRPC())
}

var (
	onlySession = []string{wire.Session}
	onlyForm    = []string{wire.Form}
	onlyRPC     = []string{wire.RPC}
	withLogout  = []string{wire.Form, wire.RPC, wire.Scoped}
)
