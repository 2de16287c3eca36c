package session

import (
	"net/http"
	"net/url"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// logins are mistakes in what a login and a refresh take and answer.
func logins() []mutation.Mutant {
	english := func(r *http.Request) bool {
		return mutation.At("POST", "/sessions")(r) && r.Header.Get("X-Api-Inflection") == ""
	}
	return []mutation.Mutant{
		{
			Name: "session/own-token-type", Breaks: []string{"SES-01"},
			Why: "The framework names its own token type where the document says Bearer.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(english, func(a *mutation.Reply) {
					if a.Member("token_type") != "" {
						a.Set("token_type", "rails")
					}
				})
			},
		},
		{
			Name: "session/login-as-html", Breaks: []string{"SES-01"},
			Why: "The template engine sets its own Content-Type on whatever it renders.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(english, func(a *mutation.Reply) { a.Header.Set("Content-Type", "text/html; charset=utf-8") })
			},
		},
		{
			Name: "session/expires-in-as-text", Breaks: []string{"SES-01", "SES-02"},
			Why: "The life comes from a configuration of strings and is passed on as one.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(english, func(a *mutation.Reply) {
					if a.Members()["expires_in"] != nil {
						a.Set("expires_in", "600")
					}
				})
			},
		},
		{
			Name: "session/expires-in-rounded-down", Breaks: []string{"SES-02"},
			Why: "The life is computed from the end, a moment later, and rounded down.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(english, func(a *mutation.Reply) {
					if a.Members()["expires_in"] != nil {
						a.Set("expires_in", 599)
					}
				})
			},
		},
		{
			Name: "session/refresh-promises-an-hour", Breaks: []string{"SES-02"},
			Why: "The refresh has a default of its own for the life that it announces.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(refresh, func(a *mutation.Reply) {
					if a.OK() {
						a.Set("expires_in", 3600)
					}
				})
			},
		},
		{
			Name: "session/login-wants-json-type", Breaks: []string{"SES-03"},
			Why:    "The framework's body parser looks at the Content-Type first.",
			Change: mutation.WantsJSON(login),
		},
		{
			Name: "session/refresh-wants-json-type", Breaks: []string{"SES-03"},
			Why:    "Only the login was tried with the documented curl line.",
			Change: mutation.WantsJSON(refresh),
		},
		{
			Name: "session/wrong-password-is-200", Breaks: []string{"SES-10", "SES-11"},
			Why: "Errors are told in the body, under a status that always says 200.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) {
					if a.Status == http.StatusUnauthorized {
						a.Status = http.StatusOK
					}
				})
			},
		},
		{
			Name: "session/token-in-refusal", Breaks: []string{"SES-10"},
			Why: "The tokens are made before the password is checked, and the error is rendered with the same template.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) {
					if a.Status == http.StatusUnauthorized {
						a.Set("access_token", "c2Vzc2lvbi10aGF0LXdhcy1tYWRlLXRvby1lYXJseQ")
					}
				})
			},
		},
		{
			Name: "session/token-in-refusal-header", Breaks: []string{"SES-10"},
			Why: "A session cookie is set by a filter that runs before the login.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) {
					if a.Status == http.StatusUnauthorized {
						a.Header.Set("Set-Cookie", "session_token=c2Vzc2lvbi10aGF0LXdhcy1tYWRlLXRvby1lYXJseQ; HttpOnly")
					}
				})
			},
		},
		{
			Name: "session/wrong-password-is-403", Breaks: []string{"SES-11"},
			Why: "401 and 403 are mixed up.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) {
					if a.Status == http.StatusUnauthorized {
						a.Status = http.StatusForbidden
					}
				})
			},
		},
		{
			Name: "session/registers-unknown-users", Breaks: []string{"SES-10", "SES-12", "SEC-03", "SEC-10"},
			Why: "Login and registration share one path, and a new address makes a new account.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) {
					if a.Status == http.StatusUnauthorized && !isKnown(a.Request) {
						a.Replace(http.StatusCreated, map[string]any{
							"token_type": "Bearer", "expires_in": 600, "access_token": "made-for-an-unknown-user", "refresh_token": "made-for-an-unknown-user-too",
						})
					}
				})
			},
		},
		{
			Name: "session/says-who-exists", Breaks: []string{"SES-12"},
			Why: "A helpful message tells that the address is unknown.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) {
					if a.Status == http.StatusUnauthorized && !isKnown(a.Request) {
						a.Set("error_message", "no user has this e-mail address")
					}
				})
			},
		},
		{
			Name: "session/unknown-user-is-404", Breaks: []string{"SES-12"},
			Why: "The user is looked up first, and the look-up's own 404 goes out.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) {
					if a.Status == http.StatusUnauthorized && !isKnown(a.Request) {
						a.Status = http.StatusNotFound
					}
				})
			},
		},
		{
			Name: "session/next-login-pays", Breaks: []string{"SES-10", "SES-11"},
			Why:    "The count of wrong passwords is compared before the right one resets it.",
			Change: mutation.NextLoginPays(login, isKnown),
		},
		{
			Name: "session/login-cacheable", Breaks: []string{"SES-24"},
			Why: "Nobody thought of caches.", Change: mutation.Cacheable(login),
		},
		{
			Name: "session/refresh-cacheable", Breaks: []string{"SES-24"},
			Why: "Only the login was hardened.", Change: mutation.Cacheable(refresh),
		},
		{
			Name: "session/malformed-login-is-500", Breaks: []string{"SES-25"},
			Why: "An exception of the JSON parser is not caught.", Change: mutation.CrashesOnBadRequest(login),
		},
		{
			Name: "session/malformed-refresh-is-500", Breaks: []string{"SES-25"},
			Why: "An exception of the JSON parser is not caught in the younger of two handlers.", Change: mutation.CrashesOnBadRequest(refresh),
		},
		{
			Name: "session/token-in-malformed-refusal", Breaks: []string{"SES-10", "SES-25"},
			Why: "The error page shows the variables of the template, an anonymous session among them.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(mutation.AnyOf(login, refresh), func(a *mutation.Reply) {
					if a.Status == http.StatusBadRequest {
						a.Set("access_token", "YW4tYW5vbnltb3VzLXNlc3Npb24")
					}
				})
			},
		},
		{
			Name: "session/login-takes-forms", Breaks: []string{"SES-25"},
			Why: "A body that is no JSON is read as a form instead.",
			Change: func(s *mutation.Server) {
				s.OnRequest(login, func(r *http.Request) {
					fields, err := url.ParseQuery(string(mutation.Body(r)))
					if err == nil && fields.Has("email") {
						mutation.SetBody(r, mutation.JSON(map[string]any{"session": map[string]any{"email": fields.Get("email"), "password": fields.Get("password")}}))
					}
				})
			},
		},
	}
}

// isKnown says whether a login names one of the demo accounts.
func isKnown(r *http.Request) bool {
	session, _ := mutation.Sent(r)["session"].(map[string]any)
	return session["email"] == "root@example.com" || session["email"] == "clerk@example.com"
}
