package session

import (
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// keys are mistakes with API keys.
func keys() []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "session/key-may-everything", Breaks: []string{"SES-21"},
			Why:    "A key is as good as its owner; its permissions are only shown.",
			Change: func(s *mutation.Server) { s.Accounts[0].APIKeys[0].Permissions = []string{"*"} },
		},
		{
			Name: "session/key-denied-with-401", Breaks: []string{"SES-21"},
			Why:    "401 and 403 are mixed up where a key is used.",
			Change: mutation.ChangesStatus(withKey, http.StatusForbidden, http.StatusUnauthorized),
		},
		{
			Name: "session/key-compared-in-part", Breaks: []string{"SES-21"},
			Why: "Keys are found by their first characters, and what follows is not compared.",
			Change: func(s *mutation.Server) {
				key := s.Accounts[0].APIKeys[0].Key
				s.OnRequest(withKey, func(r *http.Request) {
					if strings.HasPrefix(r.Header.Get("X-Api-Key"), key[:8]) {
						r.Header.Set("X-Api-Key", key)
					}
				})
			},
		},
		{
			Name: "session/key-unread", Breaks: []string{"SES-21"},
			Why:    "Keys are only read from the query.",
			Change: func(s *mutation.Server) { s.OnRequest(withKey, func(r *http.Request) { r.Header.Del("X-Api-Key") }) },
		},
	}
}

// withKey selects requests with an API key.
func withKey(r *http.Request) bool { return r.Header.Get("X-Api-Key") != "" }
