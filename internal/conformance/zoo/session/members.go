package session

import (
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// members are mistakes in single members of answers.
func members() []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "session/refresh-after-the-end-without-access", Breaks: []string{"SES-16"},
			Why:    "A session whose access token has expired is refreshed, and the rest is left to another refresh.",
			Change: dropsAccessAfterEnd,
		},
		{
			Name: "session/refresh-without-refresh", Breaks: []string{"SES-08", "SEC-05"},
			Why: "A refresh token is issued at the login only.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(refresh, func(a *mutation.Reply) { a.Drop("refresh_token") })
			},
		},
		{
			Name: "session/refresh-life-as-text", Breaks: []string{"SES-02", "SES-08"},
			Why: "The refresh has a template of its own, with quotation marks around the number.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(refresh, func(a *mutation.Reply) { a.SetWhereOK("expires_in", "600") })
			},
		},
		{
			Name: "session/inflected-without-access", Breaks: []string{"SES-23"},
			Why:    "The inflection knows the members of the first version.",
			Change: inInflected("accesstoken", (*mutation.Reply).Drop),
		},
		{
			Name: "session/inflected-without-refresh", Breaks: []string{"SES-23"},
			Why:    "The inflection knows the members of the first version.",
			Change: inInflected("refreshtoken", (*mutation.Reply).Drop),
		},
		{
			Name: "session/inflected-life-as-text", Breaks: []string{"SES-23"},
			Why:    "The inflection writes every value as text.",
			Change: inInflected("expiresin", func(a *mutation.Reply, name string) { a.Set(name, "600") }),
		},
	}
}

// inInflected changes one member, named without case and separators, in the answers to
// logins that ask for keys in another case.
func inInflected(member string, change func(a *mutation.Reply, name string)) func(*mutation.Server) {
	plain := strings.NewReplacer("_", "", "-", "")
	return func(s *mutation.Server) {
		s.OnAnswer(mutation.At("POST", "/sessions"), func(a *mutation.Reply) {
			if a.Request.Header.Get("X-Api-Inflection") == "" {
				return
			}
			for name := range a.Members() {
				if strings.ToLower(plain.Replace(name)) == member {
					change(a, name)
				}
			}
		})
	}
}

// dropsAccessAfterEnd answers no access token where the one beside the refresh token
// has expired.
func dropsAccessAfterEnd(s *mutation.Server) {
	var mu sync.Mutex
	issued := map[string]time.Time{} // by access token
	s.OnAnswer(mutation.AnyOf(login, refresh), func(a *mutation.Reply) {
		mu.Lock()
		defer mu.Unlock()
		now := s.Clock.Now()
		if at, known := issued[mutation.Bearer(a.Request)]; known && refresh(a.Request) && now.Sub(at) >= 10*time.Minute {
			a.Drop("access_token")
		}
		issued[a.Member("access_token")] = now
	})
}
