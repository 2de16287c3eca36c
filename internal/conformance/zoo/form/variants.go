package form

import (
	"fmt"
	"net/http"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// Variants differ in the form dialect.
func Variants() []mutation.Variant {
	only := []string{"form"}
	return []mutation.Variant{
		{
			Name: "form-date-and-time", Dialects: only,
			Differs: "validTo is YYYY-MM-DD HH:MM:SS in UTC.",
			Change: func(s *mutation.Server) {
				validTo(s, answersToken, func(end time.Time) any { return end.Format(time.DateTime) })
			},
		},
		{
			Name: "form-local-time", Dialects: only,
			Differs: "validTo is YYYY-MM-DD HH:MM:SS in the zone that the manifest declares.",
			Change: func(s *mutation.Server) {
				s.Manifest.Dialects.Form.ValidTo, s.Manifest.Dialects.Form.TimeZone = "datetime", "Etc/GMT-3"
				validTo(s, answersToken, func(end time.Time) any { return end.Add(3 * time.Hour).Format(time.DateTime) })
			},
		},
		{
			Name: "form-other-offset", Dialects: only,
			Differs: "validTo is RFC 3339 with an offset and a fraction.",
			Change: func(s *mutation.Server) {
				zone := time.FixedZone("", -5*60*60)
				validTo(s, answersToken, func(end time.Time) any { return end.In(zone).Format("2006-01-02T15:04:05.000-07:00") })
			},
		},
		{
			Name: "form-epoch-seconds", Dialects: only,
			Differs: "validTo is a number of seconds.",
			Change:  func(s *mutation.Server) { validTo(s, answersToken, func(end time.Time) any { return end.Unix() }) },
		},
		{
			Name: "form-epoch-millis", Dialects: only,
			Differs: "validTo is a number of milliseconds, in a string.",
			Change: func(s *mutation.Server) {
				validTo(s, answersToken, func(end time.Time) any { return fmt.Sprint(end.UnixMilli()) })
			},
		},
		{
			Name: "form-declared-layout", Dialects: only,
			Differs: "validTo has a layout that the manifest declares.",
			Change: func(s *mutation.Server) {
				s.Manifest.Dialects.Form.ValidTo = "02.01.2006 15:04:05"
				validTo(s, answersToken, func(end time.Time) any { return end.Format("02.01.2006 15:04:05") })
			},
		},
		{
			Name: "form-user-object", Dialects: only,
			Differs: "user is an object that holds the login, and null members.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(answersToken, func(a *mutation.Reply) {
					a.SetWhereOK("user", map[string]any{"id": 17, "phone": nil, "account": map[string]any{"login": a.Member("user")}})
				})
			},
		},
		{
			Name: "form-extend-renews", Dialects: only,
			Differs: "PUT answers a new token and ends the old one.",
			Change:  func(s *mutation.Server) { extendsAnew(s) },
		},
		{
			Name: "form-tokens-of-words", Dialects: only,
			Differs: "Tokens are long and hold letters of both cases, digits, and dashes.",
			Change: func(s *mutation.Server) {
				s.RenameTokens(tokens, func() string { return mutation.RandomText(30) + "-" + mutation.RandomText(90) })
			},
		},
		{
			Name: "form-other-lives", Dialects: only,
			Differs: "Tokens live for eight hours, or for a week, as declared.",
			Change: func(s *mutation.Server) {
				s.Lifetimes.FormShort, s.Lifetimes.FormLong = 8*time.Hour, 7*24*time.Hour
				s.Manifest.Dialects.Form.ShortLife, s.Manifest.Dialects.Form.LongLife = 8*time.Hour, 7*24*time.Hour
			},
		},
	}
}

// extendsAnew gives a token another value outside whenever it is extended; the
// one before is rejected from then on.
func extendsAnew(s *mutation.Server) {
	current := mutation.NewRenaming()
	s.OnRequest(mutation.All, func(r *http.Request) { changeShown(r, current.Inside) })
	s.OnAnswer(ask, func(a *mutation.Reply) {
		if a.OK() {
			a.Set("token", current.Outside(a.Member("token")))
		}
	})
	s.OnAnswer(mutation.AnyOf(login, extend), func(a *mutation.Reply) {
		if a.OK() {
			a.Set("token", current.Rename(a.Member("token"), mutation.RandomText(40)))
		}
	})
}
