package doctor

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// redirected finds out whether an answer leads to the same path elsewhere: to
// https, to another host, or to the path with another slash at its end. Then the
// manifest has another address than the subject, nothing can be judged, and one
// finding says so.
func (p *probe) redirected(a *exchange.Answer) bool {
	to, is := movedTo(p.subject.HTTP+a.Request.Path, a)
	if !is {
		return false
	}
	const where = "subject"
	if !slices.ContainsFunc(p.found, func(f report.Finding) bool { return f.Where == where && f.Severity == report.Fatal }) {
		p.fatal(where, "write into the manifest where it leads: subject.url, or the path with its slash",
			"%s %s is redirected to %s, and the judge follows no redirects", a.Request.Method, a.Request.Path, to)
	}
	return true
}

// movedTo returns where an answer redirects to, if that is the same path at another
// address.
func movedTo(asked string, a *exchange.Answer) (to string, is bool) {
	redirects := []int{
		http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect,
	}
	from, err := url.Parse(asked)
	if err != nil || !slices.Contains(redirects, a.Status) || a.Header.Get("Location") == "" {
		return "", false
	}
	target, err := from.Parse(a.Header.Get("Location"))
	if err != nil || strings.TrimSuffix(target.Path, "/") != strings.TrimSuffix(from.Path, "/") {
		return "", false
	}
	target.RawQuery, target.User = "", nil
	return target.String(), target.Scheme != from.Scheme || target.Host != from.Host || target.Path != from.Path
}
