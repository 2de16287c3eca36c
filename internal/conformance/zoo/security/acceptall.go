package security

import (
	"net/http"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// Stub is a server that answers every request over HTTP with the same success,
// which looks like that of a login.
type Stub struct {
	Breaks, Hides []string
	Login         func(now time.Time) map[string]any
}

// acceptsAll is the Stub of a dialect, judged over HTTP alone.
func acceptsAll(e Endpoints) []mutation.Mutant {
	return []mutation.Mutant{{
		Name: "accepts-all", Breaks: e.Stub.Breaks, Hides: e.Stub.Hides,
		Why: "A stand-in for the server, made for one test of a client, was put into service.",
		Change: func(s *mutation.Server) {
			if rpc := s.Manifest.Dialects.RPC; rpc != nil {
				rpc.GRPC = nil
			}
			s.Instead(mutation.NotClock, mutation.Answer(http.StatusOK, e.Stub.Login(s.Clock.Now().UTC())))
		},
	}}
}
