package exchange

import (
	"net/url"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// Secret makes a token secret in all reports and returns it.
func (c *Client) Secret(token string) string {
	c.Subject.Secrets.Add("token", token)
	return token
}

// Granted makes a token secret that an answer granted, and notes that logins
// succeed.
func (c *Client) Granted(a *Answer, token string) string {
	if token != "" {
		c.Subject.granted.Store(c.way(a), true)
	}
	return c.Secret(token)
}

// way is how an answer came: in which dialect, and over gRPC or not.
func (c *Client) way(a *Answer) string {
	if a.Header.Get(StatusHeader) != "" {
		return c.DialectName + " over gRPC"
	}
	return c.DialectName
}

// Forged makes a token secret that the suite made of a right one, and returns
// it.
func (c *Client) Forged(token string) string {
	c.Subject.Secrets.Add("made-up-token", token)
	return token
}

// shortestSecret is the length from which a value that the suite made up is
// hidden: shorter ones are words, and hiding them would garble the report.
const shortestSecret = 16

// maxTokenBody is the longest request body in which tokens are looked for.
const maxTokenBody = 64 << 10

// hideRequest makes secret what a request carries as a token and no
// answer ever gave: a garbled token shows nearly all of the right one.
func (c *Client) hideRequest(r Request) {
	hide := c.hideSent
	for name, values := range r.Header {
		for _, value := range values {
			if _, bearer, found := strings.Cut(value, "Bearer "); found && name == "Authorization" {
				hide(bearer)
			}
			if tokens.NamedLike(name) || name == "X-Api-Key" {
				hide(value)
			}
		}
	}
	if _, query, found := strings.Cut(r.Path, "?"); found {
		values, _ := url.ParseQuery(query) // what cannot be read is no token
		for name := range values {
			if tokens.NamedLike(name) {
				hide(values.Get(name))
			}
		}
	}
	if len(r.Body) > maxTokenBody {
		return // it fills the wire, and reading it takes long
	}
	if value, err := (&Answer{Body: r.Body}).JSON(); err == nil {
		eachTokenMember(value, hide)
	}
}

// hideSent makes a value secret that was sent where a token goes.
func (c *Client) hideSent(value string) {
	if len(value) >= shortestSecret {
		c.Subject.Secrets.Add("made-up-token", value)
	}
}

// hideAnswer makes every token in an answer secret, before anything is shown
// of it: also one that should not be there, or that stands under another name.
func (c *Client) hideAnswer(a *Answer) {
	for _, found := range tokens.JWTs(a.Body) {
		c.Secret(found)
	}
	if value, err := a.JSON(); err == nil {
		eachTokenMember(value, func(token string) { c.Secret(token) })
	}
	for name, value := range a.HeadersAndCookies() {
		if tokens.NamedLike(name) {
			c.Secret(value)
		}
	}
}

// eachTokenMember calls keep with every text in a member that is named like a
// token.
func eachTokenMember(value any, keep func(token string)) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if text, ok := member.(string); ok && tokens.NamedLike(name) {
				keep(text)
			}
			eachTokenMember(member, keep)
		}
	case []any:
		for _, element := range value {
			eachTokenMember(element, keep)
		}
	}
}
