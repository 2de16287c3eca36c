package sdk

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"github.com/dragoman-auth/dragoman/internal/sdk/loopback"
)

// origin is the scheme, host and port that credentials are bound to.
type origin struct {
	scheme, host, port string
}

// originOf normalises: lower case, one way to write a host, the scheme's own
// port made explicit.
func originOf(u *url.URL) origin {
	o := origin{scheme: strings.ToLower(u.Scheme), host: hostOf(u.Hostname()), port: u.Port()}
	if o.port == "" {
		o.port = defaultPort(o.scheme)
	} else if number, err := strconv.ParseUint(o.port, 10, 16); err == nil {
		o.port = strconv.FormatUint(number, 10) // without zeros in front
	}
	return o
}

// hostOf is the one way to write a host: an international name as net/http asks
// for it (RFC 5891), an address in its shortest form. What is neither stays as
// it is.
func hostOf(host string) string {
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if address, err := netip.ParseAddr(host); err == nil {
		return address.String()
	}
	return host
}

// String writes the origin as browsers do, without the scheme's own port.
func (o origin) String() string {
	if o.port == defaultPort(o.scheme) {
		host := o.host
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return o.scheme + "://" + host
	}
	return o.scheme + "://" + net.JoinHostPort(o.host, o.port)
}

func defaultPort(scheme string) string {
	switch scheme {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}

// matcher compares URLs with one origin. The common case, a URL written as the
// base URL was, is two string comparisons.
type matcher struct {
	origin       origin
	scheme, host string // as in the base URL
}

// matches says whether a request goes to the origin: by its URL, and by its Host
// header, because a server tells its virtual hosts apart by that.
func (m *matcher) matches(request *http.Request) bool {
	u := request.URL
	if request.Host != "" && request.Host != u.Host && !m.same(&url.URL{Scheme: u.Scheme, Host: request.Host}) {
		return false
	}
	return m.same(u)
}

func (m *matcher) same(u *url.URL) bool {
	if u.Scheme == m.scheme && u.Host == m.host {
		return true
	}
	return originOf(u) == m.origin
}

// parseBase checks the address of a back office.
func parseBase(address string, allowPlain bool) (*url.URL, error) {
	base, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("base URL cannot be read; it must look like https://host[:port][/path]: %w", ErrConfig) // the URL may hold a password: not shown
	case base.Scheme != "http" && base.Scheme != "https" || base.Hostname() == "":
		return nil, fmt.Errorf("base URL must look like https://host[:port][/path]: %w", ErrConfig)
	case base.Port() != "" && !isPort(base.Port()):
		return nil, fmt.Errorf("base URL has the port %s, which is above 65535 or 0: %w", base.Port(), ErrConfig)
	case base.User != nil:
		return nil, fmt.Errorf("base URL must hold no user or password; give them to the dialect: %w", ErrConfig)
	case base.RawQuery != "" || base.Fragment != "" || base.ForceQuery:
		return nil, fmt.Errorf("base URL must hold no query and no fragment: %w", ErrConfig)
	case base.Scheme == "http" && !allowPlain && !loopback.Is(originOf(base).host):
		return nil, fmt.Errorf("base URL %s would send credentials in clear; use https, or sdk.WithAllowPlaintext: %w", originOf(base), ErrConfig)
	}
	base.Path = strings.TrimRight(base.Path, "/")
	base.RawPath = strings.TrimRight(base.RawPath, "/")
	return base, nil
}

// isPort says whether somebody can listen there.
func isPort(text string) bool {
	number, err := strconv.ParseUint(text, 10, 16)
	return err == nil && number > 0
}

// WithCookieJar keeps the cookies of the client's origin in jar and sends them
// with every request there, to token endpoints and others: load balancers tell
// by a cookie which server has a session. Other origins neither get cookies of
// the jar nor set any. The default is none.
func WithCookieJar(jar http.CookieJar) Option { return func(s *settings) { s.jar = jar } }

// cookies is the round tripper that keeps the cookies of one origin.
type cookies struct {
	base   http.RoundTripper
	jar    http.CookieJar
	origin matcher
}

// RoundTrip implements [http.RoundTripper].
func (c *cookies) RoundTrip(request *http.Request) (*http.Response, error) {
	if !c.origin.matches(request) {
		return c.base.RoundTrip(request)
	}
	if kept := c.jar.Cookies(request.URL); len(kept) > 0 {
		request = request.Clone(request.Context()) // a RoundTripper changes nothing that it was given
		for _, cookie := range kept {
			request.AddCookie(cookie)
		}
	}
	response, err := c.base.RoundTrip(request)
	if err == nil {
		if set := response.Cookies(); len(set) > 0 {
			c.jar.SetCookies(request.URL, set)
		}
	}
	return response, err
}
