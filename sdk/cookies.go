package sdk

import "net/http"

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
