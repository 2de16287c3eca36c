package exchange

import (
	"fmt"
	"net/url"
	"regexp"
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
	for name, values := range ByName(r.Header) {
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
		for name := range ByName(values) {
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
// The error says that there is more than can be kept secret; then nothing of the
// answer is left.
func (c *Client) hideAnswer(a *Answer) error {
	found := tokens.JWTs(a.Body)
	if value, err := a.JSON(); err == nil {
		eachTokenMember(value, func(token string) { found = append(found, token) })
	} else {
		found = append(found, namedTokens(a.Body[:min(len(a.Body), keptBody)])...)
	}
	for name, value := range a.HeadersAndCookies() {
		if tokens.NamedLike(name) {
			found = append(found, value)
		}
		found = append(found, namedTokens(value)...) // as in the query of a Location
	}
	if err := canKeep(found, c.Subject.Secrets.Size()); err != nil {
		a.withhold(err)
		return err
	}
	for _, token := range found {
		c.Secret(token)
	}
	return nil
}

// named is a member of JSON that broke off, or a field of a form or query.
var named = regexp.MustCompile(`"([\w.-]{1,64})"\s*:\s*"([^"\\]+)|([\w.-]{1,64})=([^&;,\s"<>]+)`)

// namedTokens are the values in a text that stand under the name of a token.
func namedTokens(text string) []string {
	if !strings.ContainsAny(text, `="`) { // as nearly no header does
		return nil
	}
	var found []string
	for _, match := range named.FindAllStringSubmatch(text, -1) {
		if tokens.NamedLike(match[1] + match[3]) {
			found = append(found, match[2]+match[4])
		}
	}
	return found
}

// canKeep says why tokens are more than can be kept secret, beside so many bytes of
// others.
func canKeep(found []string, others int) error {
	longest := 0
	for _, token := range found {
		longest = max(longest, len(token))
	}
	switch {
	case longest > longestToken:
		return fmt.Errorf("the answer holds a token of %d bytes; the judge reads tokens of at most %d", longest, longestToken)
	case len(found) > maxTokens:
		return fmt.Errorf("the answer holds %d tokens; the judge reads at most %d", len(found), maxTokens)
	case others > maxSecrets:
		return fmt.Errorf("the subject has handed out more than %d bytes of tokens, which is all that the judge can hide", maxSecrets)
	}
	return nil
}

// eachTokenMember calls keep with every text in a member that is named like a
// token.
func eachTokenMember(value any, keep func(token string)) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range ByName(value) {
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
