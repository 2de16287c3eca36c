package zoo

import (
	"fmt"
	"net/http"
	"time"
)

// formVariants differ in the form dialect.
func formVariants() []Variant {
	only := []string{"form"}
	return []Variant{
		{
			Name: "form-date-and-time", Dialects: only,
			Differs: "validTo is YYYY-MM-DD HH:MM:SS in UTC.",
			Change: func(s *Server) {
				s.validTo(formTokens, func(end time.Time) any { return end.Format(time.DateTime) })
			},
		},
		{
			Name: "form-local-time", Dialects: only,
			Differs: "validTo is YYYY-MM-DD HH:MM:SS in the zone that the manifest declares.",
			Change: func(s *Server) {
				s.Manifest.Dialects.Form.ValidTo, s.Manifest.Dialects.Form.TimeZone = "datetime", "Etc/GMT-3"
				s.validTo(formTokens, func(end time.Time) any { return end.Add(3 * time.Hour).Format(time.DateTime) })
			},
		},
		{
			Name: "form-other-offset", Dialects: only,
			Differs: "validTo is RFC 3339 with an offset and a fraction.",
			Change: func(s *Server) {
				zone := time.FixedZone("", -5*60*60)
				s.validTo(formTokens, func(end time.Time) any { return end.In(zone).Format("2006-01-02T15:04:05.000-07:00") })
			},
		},
		{
			Name: "form-epoch-seconds", Dialects: only,
			Differs: "validTo is a number of seconds.",
			Change:  func(s *Server) { s.validTo(formTokens, func(end time.Time) any { return end.Unix() }) },
		},
		{
			Name: "form-epoch-millis", Dialects: only,
			Differs: "validTo is a number of milliseconds, in a string.",
			Change: func(s *Server) {
				s.validTo(formTokens, func(end time.Time) any { return fmt.Sprint(end.UnixMilli()) })
			},
		},
		{
			Name: "form-declared-layout", Dialects: only,
			Differs: "validTo has a layout that the manifest declares.",
			Change: func(s *Server) {
				s.Manifest.Dialects.Form.ValidTo = "02.01.2006 15:04:05"
				s.validTo(formTokens, func(end time.Time) any { return end.Format("02.01.2006 15:04:05") })
			},
		},
		{
			Name: "form-user-object", Dialects: only,
			Differs: "user is an object that holds the login, and null members.",
			Change: func(s *Server) {
				s.answers(formTokens, func(a *reply) {
					a.setWhereOK("user", map[string]any{"id": 17, "phone": nil, "account": map[string]any{"login": a.member("user")}})
				})
			},
		},
		{
			Name: "form-extend-renews", Dialects: only,
			Differs: "PUT answers a new token and ends the old one.",
			Change:  func(s *Server) { s.extendsAnew() },
		},
		{
			Name: "form-tokens-of-words", Dialects: only,
			Differs: "Tokens are long and hold letters of both cases, digits, and dashes.",
			Change:  func(s *Server) { s.renames(func(string) string { return drawn(30) + "-" + drawn(90) }) },
		},
		{
			Name: "form-other-lives", Dialects: only,
			Differs: "Tokens live for eight hours, or for a week, as declared.",
			Change: func(s *Server) {
				s.Lifetimes.FormShort, s.Lifetimes.FormLong = 8*time.Hour, 7*24*time.Hour
				s.Manifest.Dialects.Form.ShortLife, s.Manifest.Dialects.Form.LongLife = 8*time.Hour, 7*24*time.Hour
			},
		},
	}
}

// extendsAnew gives a token another value outside whenever it is extended; the
// one before opens nothing any more.
func (s *Server) extendsAnew() {
	current := newRenaming()
	s.requests(all, func(r *http.Request) { renameShown(r, current.enter) })
	s.answers(formLogin, func(a *reply) {
		if a.ok() {
			a.set("token", current.rename(a.member("token"), drawn(40)))
		}
	})
	s.answers(formAsk, func(a *reply) {
		if a.ok() {
			a.set("token", current.leave(a.member("token")))
		}
	})
	s.answers(formExtend, func(a *reply) {
		if a.ok() {
			a.set("token", current.rename(a.member("token"), drawn(40)))
		}
	})
}
