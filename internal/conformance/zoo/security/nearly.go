package security

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// nearlyRight are mistakes in how a password is compared with the right one.
func nearlyRight(e Endpoints) []mutation.Mutant {
	mutant := func(name, why string, same func(sent, right string) bool) mutation.Mutant {
		return mutation.Mutant{
			Name: name, Breaks: []string{e.WrongPassword}, Why: why,
			Change: func(s *mutation.Server) {
				right := s.Accounts[0].Password
				s.OnRequest(e.Login, func(r *http.Request) {
					changeCredentials(r, passwordMember, func(sent string) string {
						if sent != "" && same(sent, right) {
							return right
						}
						return sent
					})
				})
			},
		}
	}
	return []mutation.Mutant{
		mutant("password-trimmed", "Spaces come with what people paste, and are trimmed.",
			func(sent, right string) bool { return strings.TrimSpace(sent) == right }),
		mutant("password-padded", "The column has a fixed width, and the database ignores spaces at the end.",
			func(sent, right string) bool { return strings.TrimRight(sent, " ") == right }),
		mutant("password-in-any-case", "The database compares texts without regard to letter case.", strings.EqualFold),
		mutant("password-cut-off", "Of a password only as many characters count as an old system kept.",
			func(sent, right string) bool { return strings.HasPrefix(sent, right) }),
		mutant("password-compared-in-part", "The comparison ends where the shorter text does.",
			func(sent, right string) bool { return strings.HasPrefix(right, sent) }),
	}
}

// The members of a login, in JSON or a form.
var (
	passwordMember = regexp.MustCompile(`("(?:password|pass)" ?: ?"|\bpass=)([^"&]*)`)
	loginMember    = regexp.MustCompile(`("(?:email|login|username|user_name)" ?: ?"|\blogin=)([^"&]*)`)
)

// changeCredentials changes what a login sends in a member, and in the part of its
// Basic credentials that is the same.
func changeCredentials(r *http.Request, member *regexp.Regexp, change func(sent string) string) {
	if mutation.IsLong(r) {
		return
	}
	body := mutation.Body(r)
	changed := member.ReplaceAllFunc(body, func(found []byte) []byte {
		parts := member.FindSubmatch(found)
		sent, form := string(parts[2]), strings.HasSuffix(string(parts[1]), "=")
		if form {
			sent, _ = url.QueryUnescape(sent)
		}
		now := change(sent)
		if now == sent {
			return found
		}
		if form {
			now = url.QueryEscape(now)
		}
		return append(append([]byte(nil), parts[1]...), now...)
	})
	mutation.SetBody(r, changed)
	if user, password, basic := r.BasicAuth(); basic {
		r.Header = r.Header.Clone()
		if member == passwordMember {
			r.SetBasicAuth(user, change(password))
		} else {
			r.SetBasicAuth(change(user), password)
		}
	}
}
