package zoo

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The requests of the form dialect.
var (
	formLogin    = at("POST", "/login")
	formAsk      = at("GET", "/login")
	formExtend   = at("PUT", "/login")
	formDelete   = at("DELETE", "/login")
	formResource = at("GET", "/items")
	formTokens   = anyOf(formLogin, formAsk, formExtend)
)

// formLogins are mistakes in what a login takes and answers.
func formLogins() []Mutant {
	return []Mutant{
		{
			Name: "form/login-without-user", Breaks: []string{"FRM-01", "FRM-08", "FRM-20"},
			Why: "The client knows who logged in, so the answer leaves it out.",
			Change: func(s *Server) {
				s.answers(formLogin, func(a *reply) { a.drop("user") })
			},
		},
		{
			Name: "form/login-as-html", Breaks: []string{"FRM-01"},
			Why: "The login is an HTML form, and so its answer is called HTML.",
			Change: func(s *Server) {
				s.answers(formLogin, func(a *reply) { a.Header.Set("Content-Type", "text/html") })
			},
		},
		{
			Name: "form/valid-to-in-words", Breaks: []string{"FRM-01", "FRM-02", "FRM-03", "FRM-08"},
			Why: "The end is formatted for people.",
			Change: func(s *Server) {
				s.validTo(formLogin, func(end time.Time) any { return end.Format("Monday, 2 January 2006, 15:04") })
			},
		},
		{
			Name: "form/valid-to-local", Breaks: []string{"FRM-02", "FRM-03", "FRM-11"},
			Why: "The end is written in the server's own time zone, without saying so.",
			Change: func(s *Server) {
				s.validTo(formTokens, func(end time.Time) any { return end.Add(2 * time.Hour).Format(time.DateTime) })
			},
		},
		{
			Name: "form/short-is-a-day-by-calendar", Breaks: []string{"FRM-02"},
			Why: "A token for today and tomorrow: the end is rounded up to the hour.",
			Change: func(s *Server) {
				s.validTo(formShort(formLogin), func(end time.Time) any {
					return end.Add(90 * time.Second).Format(time.RFC3339)
				})
				s.asLoggedIn()
			},
		},
		{
			Name: "form/long-by-default", Breaks: []string{"FRM-02", "FRM-09", "FRM-13", "FRM-16"},
			Why: "An absent longtoken is read as true.",
			Change: func(s *Server) {
				s.requests(formLogin, func(r *http.Request) {
					if fields := sentForm(r); !fields.Has("longtoken") && fields.Has("login") {
						fields.Set("longtoken", "true")
						setBody(r, []byte(fields.Encode()))
					}
				})
			},
		},
		{
			Name: "form/false-is-true", Breaks: []string{"FRM-02"},
			Why: "longtoken counts as set when it is there, whatever it says.",
			Change: func(s *Server) {
				s.requests(formLogin, func(r *http.Request) {
					if fields := sentForm(r); fields.Get("longtoken") == "false" {
						fields.Set("longtoken", "true")
						setBody(r, []byte(fields.Encode()))
					}
				})
			},
		},
		{
			Name: "form/long-is-28-days", Breaks: []string{"FRM-03", "FRM-11"},
			Why:    "Thirty days became four weeks.",
			Change: func(s *Server) { s.Lifetimes.FormLong = 28 * 24 * time.Hour },
		},
		{
			Name: "form/long-is-a-month", Breaks: []string{"FRM-03", "FRM-11"},
			Why: "A month has 31 days where somebody tried it.",
			Change: func(s *Server) {
				s.validTo(formLong, func(end time.Time) any { return end.AddDate(0, 0, 1).Format(time.RFC3339) })
				s.asLoggedIn()
			},
		},
		{
			Name: "form/long-unread-at-login", Breaks: []string{"FRM-03"},
			Why: "longtoken was added to the extension and forgotten in the login.",
			Change: func(s *Server) {
				s.validTo(func(r *http.Request) bool { return formLogin(r) && sentForm(r).Get("longtoken") == "true" },
					func(end time.Time) any { return end.Add(-29 * 24 * time.Hour).Format(time.RFC3339) })
				s.asLoggedIn()
			},
		},
		{
			Name: "form/takes-json", Breaks: []string{"FRM-04"},
			Why: "The framework binds members of JSON and fields of a form alike.",
			Change: func(s *Server) {
				s.requests(formLogin, func(r *http.Request) {
					if members := sent(r); members != nil {
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
			Change: changesStatus(formLogin, http.StatusUnauthorized, http.StatusOK),
		},
		{
			Name: "form/token-in-refusal", Breaks: []string{"FRM-17"},
			Why: "The token is made before the password is checked, and the error is rendered with the same template.",
			Change: func(s *Server) {
				s.answers(formLogin, func(a *reply) {
					if a.Status == http.StatusUnauthorized {
						a.set("token", "f7a1c0ffee00f7a1c0ffee00f7a1c0ffee00f7a1c0ffee00")
					}
				})
			},
		},
		{
			Name: "form/next-login-pays", Breaks: []string{"FRM-17", "FRM-18"}, Serial: true,
			Why:    "The count of wrong passwords is compared before the right one resets it.",
			Change: func(s *Server) { s.nextLoginPays(formLogin, knownForm) },
		},
		{
			Name: "form/wrong-password-is-403", Breaks: []string{"FRM-18"},
			Why: "401 and 403 are mixed up.", Change: changesStatus(formLogin, http.StatusUnauthorized, http.StatusForbidden),
		},
		{
			Name: "form/stranger-has-another-code", Breaks: []string{"FRM-19"},
			Why: "The body carries the code of the internal error.",
			Change: func(s *Server) {
				s.answers(formLogin, func(a *reply) {
					if a.Status == http.StatusUnauthorized && !knownForm(a.Request) {
						a.set("code", 1044)
					}
				})
			},
		},
		{
			Name: "form/stranger-is-404", Breaks: []string{"FRM-19"},
			Why: "The user is looked up first, and the look-up's own 404 goes out.",
			Change: func(s *Server) {
				s.answers(formLogin, func(a *reply) {
					if a.Status == http.StatusUnauthorized && !knownForm(a.Request) {
						a.Status = http.StatusNotFound
					}
				})
			},
		},
		{
			Name: "form/user-is-number", Breaks: []string{"FRM-20"},
			Why:    "user is the key of a row that the client cannot see.",
			Change: func(s *Server) { s.answers(formTokens, func(a *reply) { a.setWhereOK("user", 17) }) },
		},
		{
			Name: "form/user-is-another", Breaks: []string{"FRM-20"},
			Why:    "user is the technical account under which the service runs.",
			Change: func(s *Server) { s.answers(formTokens, func(a *reply) { a.setWhereOK("user", "system") }) },
		},
		{
			Name: "form/login-cacheable", Breaks: []string{"FRM-21"},
			Why: "Nobody thought of caches.", Change: cacheable(formLogin),
		},
		{
			Name: "form/ask-cacheable", Breaks: []string{"FRM-21"},
			Why: "GET is cached by default.", Change: cacheable(formAsk),
		},
		{
			Name: "form/extend-cacheable", Breaks: []string{"FRM-21"},
			Why: "Only the login was hardened.", Change: cacheable(formExtend),
		},
		{
			Name: "form/resource-cacheable", Breaks: []string{"FRM-21"},
			Why: "Caches know Authorization and keep away; they do not know X-Auth-Bearer.", Change: cacheable(formResource),
		},
		{
			Name: "form/missing-field-is-500", Breaks: []string{"FRM-22"},
			Why: "A field that is not there is null, and null has no length.", Change: crashesOnBadRequest(formLogin),
		},
		{
			Name: "form/last-field-counts", Breaks: []string{"FRM-22"},
			Why: "Of a repeated field the last one is taken.",
			Change: func(s *Server) {
				s.requests(formLogin, func(r *http.Request) {
					fields := sentForm(r)
					for name, values := range fields {
						fields[name] = values[len(values)-1:]
					}
					if len(fields) > 0 && r.ContentLength < 1<<20 {
						setBody(r, []byte(fields.Encode()))
					}
				})
			},
		},
		{
			Name: "form/token-in-bad-request", Breaks: []string{"FRM-17", "FRM-22", "FRM-24"},
			Why: "The error page shows the variables of the template, an anonymous token among them.",
			Change: func(s *Server) {
				s.answers(formLogin, func(a *reply) {
					if a.Status == http.StatusBadRequest {
						a.set("token", "f7a1c0ffee00f7a1c0ffee00f7a1c0ffee00f7a1c0ffee00")
					}
				})
			},
		},
		{
			Name: "form/takes-credentials-in-query", Breaks: []string{"FRM-24"},
			Why: "The framework puts the parameters of query and body into one map.",
			Change: func(s *Server) {
				s.requests(formLogin, func(r *http.Request) {
					if query := r.URL.Query(); query.Has("pass") {
						asForm(r, query)
					}
				})
			},
		},
		{
			Name: "form/logs-in-by-get", Breaks: []string{"FRM-24"},
			Why: "A bookmark logs in: GET with the credentials does what POST does.",
			Change: func(s *Server) {
				s.requests(formAsk, func(r *http.Request) {
					if query := r.URL.Query(); query.Has("pass") {
						r.Method = http.MethodPost
						asForm(r, query)
					}
				})
			},
		},
	}
}

func formLife(long bool) time.Duration {
	if long {
		return 30 * 24 * time.Hour
	}
	return 24 * time.Hour
}

// sentForm reads the form that a request sends; it is empty for anything else.
func sentForm(r *http.Request) url.Values {
	if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return url.Values{}
	}
	fields, err := url.ParseQuery(string(body(r)))
	if err != nil {
		return url.Values{}
	}
	return fields
}

// asForm makes fields the body of a request.
func asForm(r *http.Request, fields url.Values) {
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	setBody(r, []byte(fields.Encode()))
}

func knownForm(r *http.Request) bool {
	login := sentForm(r).Get("login")
	return login == "root" || login == "clerk"
}

// formShort and formLong select logins and extensions by the life they ask for.
func formShort(where match) match {
	return func(r *http.Request) bool { return where(r) && !formLong(r) }
}

func formLong(r *http.Request) bool {
	long, _ := json.Marshal(sent(r)["longtoken"])
	return formLogin(r) && sentForm(r).Get("longtoken") == "true" || formExtend(r) && strings.Trim(string(long), `"`) == "true"
}
