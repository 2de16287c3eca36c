package session

import (
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// languages are mistakes in localised paths and in the case of members.
func languages() []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "session/italian-login-missing", Breaks: []string{"SES-22"},
			Why: "Only the pages were translated.",
			Change: func(s *mutation.Server) {
				s.Instead(mutation.At("POST", "/sessioni"), mutation.Answer(http.StatusNotFound, map[string]any{}))
			},
		},
		{
			Name: "session/italian-login-older", Breaks: []string{"SES-22"},
			Why: "The Italian path still leads to the controller of the last version.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(mutation.At("POST", "/sessioni"), func(a *mutation.Reply) { a.Drop("token_type") })
			},
		},
		{
			Name: "session/italian-collection-missing", Breaks: []string{"SES-22"},
			Why: "Only the login was translated.",
			Change: func(s *mutation.Server) {
				s.Instead(mutation.At("GET", "/utenti"), mutation.Answer(http.StatusNotFound, map[string]any{}))
			},
		},
		{
			Name: "session/italian-collection-public", Breaks: []string{"SES-22"},
			Why: "The filter lists the paths that need a token, in English.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(mutation.At("GET", "/utenti"), func(a *mutation.Reply) { a.Status = http.StatusOK })
			},
		},
		{
			Name: "session/italian-tokens-elsewhere", Breaks: []string{"SES-22"},
			Why: "The path of the refresh was translated with all the others.",
			Change: func(s *mutation.Server) {
				f := watchFamilies(s)
				s.Instead(func(r *http.Request) (elsewhere bool) {
					f.with(mutation.SentText(r, "refresh_token"), func(known *family) {
						elsewhere = refresh(r) && known != nil && known.localised
					})
					return elsewhere
				}, mutation.Answer(http.StatusNotFound, map[string]any{}))
			},
		},
		{
			Name: "session/inflection-ignored", Breaks: []string{"SES-23"},
			Why: "The header came with a later version of the interface.",
			Change: func(s *mutation.Server) {
				s.OnRequest(login, func(r *http.Request) { r.Header.Del("X-Api-Inflection") })
			},
		},
		{
			Name: "session/inflection-snake-unknown", Breaks: []string{"SES-23"},
			Why: "The case that is the default is not among those that can be asked for.",
			Change: func(s *mutation.Server) {
				s.Instead(func(r *http.Request) bool { return r.Header.Get("X-Api-Inflection") == "snake" },
					mutation.Answer(http.StatusBadRequest, map[string]any{}))
			},
		},
	}
}
