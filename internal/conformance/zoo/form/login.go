package form

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// logins are mistakes in what a login takes and answers.
func logins() []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "form/login-without-user", Breaks: []string{"FRM-01", "FRM-08", "FRM-20"},
			Why: "The client knows who logged in, so the answer leaves it out.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) { a.Drop("user") })
			},
		},
		{
			Name: "form/login-as-html", Breaks: []string{"FRM-01"},
			Why: "The login is an HTML form, and so its answer is called HTML.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) { a.Header.Set("Content-Type", "text/html") })
			},
		},
		{
			Name: "form/valid-to-in-words", Breaks: []string{"FRM-01", "FRM-02", "FRM-03", "FRM-08"},
			Why: "The end is formatted for people.",
			Change: func(s *mutation.Server) {
				validTo(s, login, func(end time.Time) any { return end.Format("Monday, 2 January 2006, 15:04") })
			},
		},
		{
			Name: "form/valid-to-local", Breaks: []string{"FRM-02", "FRM-03", "FRM-11"},
			Why: "The end is written in the server's own time zone, without saying so.",
			Change: func(s *mutation.Server) {
				validTo(s, answersToken, func(end time.Time) any { return end.Add(2 * time.Hour).Format(time.DateTime) })
			},
		},
		{
			Name: "form/short-is-a-day-by-calendar", Breaks: []string{"FRM-02"},
			Why: "A token for today and tomorrow: the end is rounded up to the hour.",
			Change: func(s *mutation.Server) {
				validTo(s, wantsShort(login), func(end time.Time) any {
					return end.Add(90 * time.Second).Format(time.RFC3339)
				})
				asLoggedIn(s)
			},
		},
		{
			Name: "form/long-by-default", Breaks: []string{"FRM-02", "FRM-09", "FRM-13", "FRM-16"},
			Why: "An absent longtoken is read as true.",
			Change: func(s *mutation.Server) {
				s.OnRequest(login, func(r *http.Request) {
					if fields := sentForm(r); !fields.Has("longtoken") && fields.Has("login") {
						fields.Set("longtoken", "true")
						mutation.SetBody(r, []byte(fields.Encode()))
					}
				})
			},
		},
		{
			Name: "form/false-is-true", Breaks: []string{"FRM-02"},
			Why: "longtoken counts as set when it is there, whatever it says.",
			Change: func(s *mutation.Server) {
				s.OnRequest(login, func(r *http.Request) {
					if fields := sentForm(r); fields.Get("longtoken") == "false" {
						fields.Set("longtoken", "true")
						mutation.SetBody(r, []byte(fields.Encode()))
					}
				})
			},
		},
		{
			Name: "form/long-is-28-days", Breaks: []string{"FRM-03", "FRM-11"},
			Why:    "Thirty days became four weeks.",
			Change: func(s *mutation.Server) { s.Lifetimes.FormLong = 28 * 24 * time.Hour },
		},
		{
			Name: "form/long-is-a-month", Breaks: []string{"FRM-03", "FRM-11"},
			Why: "A month has 31 days where somebody tried it.",
			Change: func(s *mutation.Server) {
				validTo(s, wantsLong, func(end time.Time) any { return end.AddDate(0, 0, 1).Format(time.RFC3339) })
				asLoggedIn(s)
			},
		},
		{
			Name: "form/long-unread-at-login", Breaks: []string{"FRM-03"},
			Why: "longtoken was added to the extension and forgotten in the login.",
			Change: func(s *mutation.Server) {
				validTo(s, func(r *http.Request) bool { return login(r) && sentForm(r).Get("longtoken") == "true" },
					func(end time.Time) any { return end.Add(-29 * 24 * time.Hour).Format(time.RFC3339) })
				asLoggedIn(s)
			},
		},
		{
			Name: "form/takes-json", Breaks: []string{"FRM-04"},
			Why: "The framework binds members of JSON and fields of a form alike.",
			Change: func(s *mutation.Server) {
				s.OnRequest(login, func(r *http.Request) {
					if members := mutation.Sent(r); members != nil {
						fields := url.Values{}
						for name, value := range members {
							if text, ok := value.(string); ok {
								fields.Set(name, text)
							}
						}
						asForm(r, fields)
					}
				})
			},
		},
		{
			Name: "form/wrong-password-is-200", Breaks: []string{"FRM-17", "FRM-18"},
			Why:    "The login page is shown again, with a message.",
			Change: mutation.ChangesStatus(login, http.StatusUnauthorized, http.StatusOK),
		},
		{
			Name: "form/token-in-refusal", Breaks: []string{"FRM-17"},
			Why: "The token is made before the password is checked, and the error is rendered with the same template.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) {
					if a.Status == http.StatusUnauthorized {
						a.Set("token", "f7a1c0ffee00f7a1c0ffee00f7a1c0ffee00f7a1c0ffee00")
					}
				})
			},
		},
		{
			Name: "form/next-login-pays", Breaks: []string{"FRM-17", "FRM-18"},
			Why:    "The count of wrong passwords is compared before the right one resets it.",
			Change: mutation.NextLoginPays(login, isKnown),
		},
		{
			Name: "form/wrong-password-is-403", Breaks: []string{"FRM-18"},
			Why: "401 and 403 are mixed up.", Change: mutation.ChangesStatus(login, http.StatusUnauthorized, http.StatusForbidden),
		},
		{
			Name: "form/unknown-user-has-another-code", Breaks: []string{"FRM-19"},
			Why: "The body carries the code of the internal error.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) {
					if a.Status == http.StatusUnauthorized && !isKnown(a.Request) {
						a.Set("code", 1044)
					}
				})
			},
		},
		{
			Name: "form/unknown-user-is-404", Breaks: []string{"FRM-19"},
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
			Name: "form/user-is-number", Breaks: []string{"FRM-20"},
			Why: "user is the key of a row that the client cannot see.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(answersToken, func(a *mutation.Reply) { a.SetWhereOK("user", 17) })
			},
		},
		{
			Name: "form/user-is-another", Breaks: []string{"FRM-20"},
			Why: "user is the technical account under which the service runs.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(answersToken, func(a *mutation.Reply) { a.SetWhereOK("user", "system") })
			},
		},
		{
			Name: "form/login-cacheable", Breaks: []string{"FRM-21"},
			Why: "Nobody thought of caches.", Change: mutation.Cacheable(login),
		},
		{
			Name: "form/ask-cacheable", Breaks: []string{"FRM-21"},
			Why: "GET is cached by default.", Change: mutation.Cacheable(ask),
		},
		{
			Name: "form/extend-cacheable", Breaks: []string{"FRM-21"},
			Why: "Only the login was hardened.", Change: mutation.Cacheable(extend),
		},
		{
			Name: "form/resource-cacheable", Breaks: []string{"FRM-21"},
			Why: "Caches know Authorization and keep away; they do not know X-Auth-Bearer.", Change: mutation.Cacheable(resource),
		},
		{
			Name: "form/missing-field-is-500", Breaks: []string{"FRM-22"},
			Why: "A field that is not there is null, and null has no length.", Change: mutation.CrashesOnBadRequest(login),
		},
		{
			Name: "form/last-field-counts", Breaks: []string{"FRM-22"},
			Why: "Of a repeated field the last one is taken.",
			Change: func(s *mutation.Server) {
				s.OnRequest(login, func(r *http.Request) {
					fields := sentForm(r)
					for name, values := range fields {
						fields[name] = values[len(values)-1:]
					}
					if len(fields) > 0 && r.ContentLength < 1<<20 {
						mutation.SetBody(r, []byte(fields.Encode()))
					}
				})
			},
		},
		{
			Name: "form/token-in-bad-request", Breaks: []string{"FRM-17", "FRM-22", "FRM-24"},
			Why: "The error page shows the variables of the template, an anonymous token among them.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) {
					if a.Status == http.StatusBadRequest {
						a.Set("token", "f7a1c0ffee00f7a1c0ffee00f7a1c0ffee00f7a1c0ffee00")
					}
				})
			},
		},
		{
			Name: "form/takes-credentials-in-query", Breaks: []string{"FRM-24"},
			Why: "The framework puts the parameters of query and body into one map.",
			Change: func(s *mutation.Server) {
				s.OnRequest(login, func(r *http.Request) {
					if query := r.URL.Query(); query.Has("pass") {
						asForm(r, query)
					}
				})
			},
		},
		{
			Name: "form/second-login-ends-the-first", Breaks: []string{"FRM-23", "SEC-05"},
			Why: "The row of a user has room for one token, and an old one is noticed a moment later.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				s.OnRequest(resource, func(r *http.Request) {
					if l.newer(shownToken(r)) {
						showToken(r, "ended")
					}
				})
			},
		},
		{
			Name: "form/bad-extension-is-500", Breaks: []string{"FRM-22"},
			Why: "The extension reads its body without a look at the types in it.",
			Change: func(s *mutation.Server) {
				s.Instead(func(r *http.Request) bool { return extend(r) && mutation.SentText(r, "token") == "" },
					mutation.Answer(http.StatusInternalServerError, map[string]string{"error": "cannot read"}))
			},
		},
		{
			Name: "form/logs-in-by-get", Breaks: []string{"FRM-24"},
			Why: "A bookmark logs in: GET with the credentials does what POST does.",
			Change: func(s *mutation.Server) {
				s.OnRequest(ask, func(r *http.Request) {
					if query := r.URL.Query(); query.Has("pass") {
						r.Method = http.MethodPost
						asForm(r, query)
					}
				})
			},
		},
	}
}

// sentForm reads the form that a request sends; it is empty for anything else.
func sentForm(r *http.Request) url.Values {
	if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return url.Values{}
	}
	fields, err := url.ParseQuery(string(mutation.Body(r)))
	if err != nil {
		return url.Values{}
	}
	return fields
}

// asForm makes fields the body of a request.
func asForm(r *http.Request, fields url.Values) {
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	mutation.SetBody(r, []byte(fields.Encode()))
}

// isKnown selects logins that name one of the demo accounts.
func isKnown(r *http.Request) bool {
	name := sentForm(r).Get("login")
	return name == "root" || name == "clerk"
}

// wantsShort and wantsLong select logins and extensions by the life that they
// ask for.
func wantsShort(where mutation.Match) mutation.Match {
	return func(r *http.Request) bool { return where(r) && !wantsLong(r) }
}

func wantsLong(r *http.Request) bool {
	long, _ := json.Marshal(mutation.Sent(r)["longtoken"])
	return login(r) && sentForm(r).Get("longtoken") == "true" || extend(r) && strings.Trim(string(long), `"`) == "true"
}
