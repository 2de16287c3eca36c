package clientsuite

import (
	"fmt"
	"slices"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// Capability is something that a client may be able to do. A row that needs what the
// client says it is without does not apply to it.
type Capability = manifest.Capability

// The capabilities.
const (
	Body     Capability = "body"     // calls with a body
	Stream   Capability = "stream"   // calls with a body that can be read only once
	Crowd    Capability = "crowd"    // thousands of calls at once
	Deadline Capability = "deadline" // callers that wait only so long
	Early    Capability = "early"    // it replaces a token before or when it ends, by its own time
	Renew    Capability = "renew"    // it renews a session instead of logging in again
	Retry    Capability = "retry"    // it repeats an exchange by itself that was answered with Retry-After
	Logout   Capability = "logout"   // it can end a session
	Store    Capability = "store"    // it keeps its token in the folder DRAGOMAN_STORE, for other processes and the next start
	GRPC     Capability = "grpc"     // it makes calls over gRPC (rpc dialect)
	Receive  Capability = "receive"  // it reads streams over gRPC
	TLS      Capability = "tls"      // it trusts the authority in the file DRAGOMAN_CA
	Process  Capability = "process"  // it can be started and ended, and what it prints can be read
)

// Capabilities are all of them. The slice is fresh on every call.
func Capabilities() []Capability {
	return []Capability{Body, Stream, Crowd, Deadline, Early, Renew, Retry, Logout, Store, GRPC, Receive, TLS, Process}
}

// Known says whether there is such a capability.
func Known(c Capability) bool { return slices.Contains(Capabilities(), c) }

func unknownCapability(c Capability) error {
	return fmt.Errorf("there is nothing %.40q that a client may be without; there are %v", c, Capabilities())
}
