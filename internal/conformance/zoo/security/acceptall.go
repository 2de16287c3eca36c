package security

import (
	"net/http"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// AcceptsAll is a server that answers every request over HTTP with the same success,
// which looks like that of a login.
type AcceptsAll struct {
	Breaks, Hides []string
	Login         func(now time.Time) map[string]any
}

// acceptsAll is that server in a dialect, judged over HTTP alone.
func acceptsAll(e Endpoints) []mutation.Mutant {
	return []mutation.Mutant{{
		Name: "accepts-all", Breaks: e.AcceptsAll.Breaks, Hides: e.AcceptsAll.Hides,
		Why: "A stand-in for the server, made for one test of a client, was put into service.",
		Change: func(s *mutation.Server) {
			if rpc := s.Manifest.Dialects.RPC; rpc != nil {
				rpc.GRPC = nil
			}
			s.Instead(mutation.NotClock, func(w http.ResponseWriter, _ *http.Request) {
				mutation.WriteJSON(w, http.StatusOK, e.AcceptsAll.Login(s.Clock.Now().UTC()))
			})
		},
	}}
}
