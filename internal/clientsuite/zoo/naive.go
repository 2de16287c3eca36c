package zoo

import (
	"path/filepath"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

// Naive is a client as programs have it that never thought of what can go wrong. What
// breaks is published in docs/clients.md.
type Naive struct {
	Name    string
	What    string
	Dialect string
	Breaks  []string
	// Command is what starts the client. Empty: it is OAuth2, in a process of the tests.
	Command []string
}

// NaiveClients are all of them; folder is where this package stands. The slice is fresh
// on every call.
func NaiveClients(folder string) []Naive {
	return []Naive{
		{
			Name: "golang.org/x/oauth2", What: "`oauth2.Transport` with a source that logs in, kept by `ReuseTokenSource`",
			Dialect: wire.Session,
			Breaks:  []string{"CLI-10", "CLI-28", "CLI-40", "CLI-41", "CLI-42", "CLI-43", "CLI-45", "CLI-53", "CLI-64"},
		},
		{
			Name: "a Python script", What: "one login at the start, an opener that follows redirects; the same is true of `requests` with a header in its session",
			Dialect: wire.Session, Command: []string{"python3", filepath.Join(folder, "testdata", "naive.py")},
			Breaks: []string{"CLI-10", "CLI-28", "CLI-40", "CLI-41"},
		},
		{
			Name: "interceptors in Node", What: "a function adds the token, another logs in after 401 and sends again, as interceptors of `axios` do",
			Dialect: wire.Form, Command: []string{"node", filepath.Join(folder, "testdata", "naive.mjs")},
			Breaks: []string{"CLI-03", "CLI-06", "CLI-13", "CLI-19", "CLI-25", "CLI-28", "CLI-34", "CLI-35", "CLI-40", "CLI-41", "CLI-42", "CLI-43"},
		},
	}
}
