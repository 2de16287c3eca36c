package zoo

import (
	"time"

	"github.com/dragoman-auth/dragoman/internal/clientsuite"
	"github.com/dragoman-auth/dragoman/sdk"
)

// Different is a client that is right, in a way of its own.
type Different struct {
	Name    string
	Differs string // in what
	Program clientsuite.Program
}

// DifferentClients are all of them. The slice is fresh on every call.
func DifferentClients() []Different {
	return []Different{
		{"sdk", "the client of package sdk", SDK()},
		{"sdk-on-demand", "the same, which renews only when a call needs it", SDK(sdk.WithoutBackgroundRenewal())},
		{"sdk-with-retries", "the same, which repeats calls that are safe to repeat", SDK(sdk.WithRetry(3))},
		{"plain", "it replaces a token by its own time and after a rejection", like(habits{})},
		{"reactive", "it replaces a token only after a rejection", like(habits{reactive: true}, clientsuite.Early)},
		{"logs-in-again", "it never renews", like(habits{relogin: true}, clientsuite.Renew)},
		{"logs-in-at-its-start", "it is ready when it has a token, or could get none", like(habits{atStart: true})},
		{"one-at-a-time", "its calls wait for each other", like(habits{serial: true}, clientsuite.Deadline)},
		{"never-repeats-exchanges", "a failed exchange is the caller's matter", like(habits{noRetry: true}, clientsuite.Retry)},
		{"tries-thrice", "it makes a rejected call up to three times", like(habits{attempts: 3})},
		{"short-lives", "it replaces tokens after a minute", like(habits{maxLife: time.Minute})},
		{"new-connections", "each request has a connection of its own", like(habits{newConnection: true})},
		{"without-a-store", "it keeps tokens in memory", like(habits{noStore: true}, clientsuite.Store)},
		{"never-sends-again", "it gives a 401 to the caller where there is a body, and has no logout", like(habits{bodiesOnce: true}, clientsuite.Logout)},
		{"repeats-outages", "it makes a GET again that was answered 503, three seconds later", like(habits{retryOutages: 2})},
		{"calls-only", "it can do little, and says so", like(habits{reactive: true, relogin: true, noRetry: true, noStore: true}, clientsuite.Body, clientsuite.Stream, clientsuite.Crowd,
			clientsuite.Deadline, clientsuite.Early, clientsuite.Renew, clientsuite.Retry, clientsuite.Logout, clientsuite.Store, clientsuite.GRPC, clientsuite.Receive, clientsuite.TLS)},
	}
}
