package mockserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// maxJournalBody is how much of a body the journal keeps, in bytes.
const maxJournalBody = 4 << 10

// pseudonyms gives each secret a name that stays the same as long as the mock
// runs, such as "token-3". It is safe for concurrent use.
type pseudonyms struct {
	mu     sync.Mutex
	names  bounded[string] // by the secret
	counts map[string]int  // by the kind
}

// of returns the name of a secret of a kind ("token", "password", "secret").
func (p *pseudonyms) of(kind, secret string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if name := p.names.get(secret); name != "" {
		return name
	}
	if p.counts == nil {
		p.names, p.counts = newBounded[string](maxRemembered), map[string]int{}
	}
	p.counts[kind]++
	name := fmt.Sprintf("%s-%d", kind, p.counts[kind])
	p.names.put(secret, name)
	return name
}

// masked is the name as texts of the journal show it.
func (p *pseudonyms) masked(kind, secret string) string { return "[" + p.of(kind, secret) + "]" }

// values replaces secrets in a text, also as they stand in a query.
func (p *pseudonyms) values(text string, tokens []string) string {
	for _, token := range tokens {
		if token == "" {
			continue
		}
		for _, written := range []string{token, url.QueryEscape(token)} {
			if strings.Contains(text, written) {
				text = strings.ReplaceAll(text, written, p.masked("token", token))
			}
		}
	}
	return text
}

// inPath says whether a path may hold a secret: a field, or a token.
func (p *pseudonyms) inPath(path string, presented []string, known *tokens) bool {
	if strings.ContainsAny(path, "&=?") || slices.ContainsFunc(presented, func(token string) bool {
		return token != "" && (strings.Contains(path, token) || strings.Contains(path, url.QueryEscape(token)))
	}) {
		return true
	}
	for segment := range strings.SplitSeq(path, "/") {
		if known.of(segment) != (token{}) {
			return true
		}
	}
	return false
}

// path masks tokens that are a segment of a path, and the fields of the form
// dialect's literal path /login&token=...
func (p *pseudonyms) path(path string, known *tokens) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if known.of(segment) != (token{}) {
			segments[i] = p.masked("token", segment)
		}
	}
	return p.fields(strings.Join(segments, "/"))
}

// secretHeaders carry nothing but secrets, after an optional scheme; so do those
// whose names kindOf knows.
var secretHeaders = map[string]bool{
	"Authorization": true, "Proxy-Authorization": true, "Cookie": true, "Set-Cookie": true, "X-Auth-Bearer": true,
}

// header returns a copy of a header without secrets. A nil header stays nil.
func (p *pseudonyms) header(header http.Header, tokens []string) http.Header {
	if header == nil {
		return nil
	}
	masked := make(http.Header, len(header))
	for name, values := range header {
		for _, value := range values {
			if secretHeaders[name] || kindOf(name) != "" {
				value = p.credentials(value)
			}
			masked[name] = append(masked[name], p.values(p.fields(value), tokens)) // a value may be a URL
		}
	}
	return masked
}

// credentials keeps a known scheme of a header's value and masks the rest.
func (p *pseudonyms) credentials(value string) string {
	scheme, secret, found := strings.Cut(value, " ")
	secret = strings.TrimLeft(secret, " ")
	switch {
	case found && strings.EqualFold(scheme, "Bearer"):
		return scheme + " " + p.masked("token", secret)
	case found && (strings.EqualFold(scheme, "Basic") || strings.EqualFold(scheme, "Digest")):
		return scheme + " " + p.masked("secret", secret)
	default:
		return p.masked("token", value)
	}
}

// secretNames are the ends of names whose value is a secret, in lower case without
// separators, and the kind of that.
var secretNames = map[string]string{
	"pass": "password", "password": "password", "passwd": "password", "pwd": "password", "token": "token", "tokenvalue": "token",
	"verificationcode": "secret", "apikey": "secret", "secret": "secret", "authorization": "secret",
}

// kindOf returns the kind of secret that a member, a field or a header of this name
// holds; empty: none.
func kindOf(name string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
	if plain == "longtoken" { // a flag of the form dialect
		return ""
	}
	for end, kind := range secretNames {
		if strings.HasSuffix(plain, end) {
			return kind
		}
	}
	return ""
}

// body returns a body without secrets, cut to [maxJournalBody]. A body that is
// neither JSON nor a form is not kept.
func (p *pseudonyms) body(body []byte, tokens []string) string {
	switch {
	case len(body) == 0:
		return ""
	case json.Valid(body):
		return p.bounded(p.members(body), tokens)
	case !isForm(body), !utf8.Valid(body):
		return fmt.Sprintf("[%d bytes]", len(body))
	default:
		return p.bounded(p.fields(string(body)), tokens)
	}
}

// isForm says whether a body can be read as a form that names a field.
func isForm(body []byte) bool {
	_, err := url.ParseQuery(string(body))
	return err == nil && strings.Contains(string(body), "=") && !strings.ContainsAny(string(body), "<{\"' \n")
}

// fields masks the secrets of a query, a form or a URL.
func (p *pseudonyms) fields(text string) string {
	parts := strings.Split(text, "&")
	for i, part := range parts {
		name, value, _ := strings.Cut(part, "=")
		before, nested, isURL := strings.Cut(value, "?")
		switch kind := kindOf(unescaped(name)); {
		case value == "":
		case kind != "":
			parts[i] = name + "=" + p.masked(kind, unescaped(value))
		case isURL:
			parts[i] = name + "=" + before + "?" + p.fields(nested)
		}
	}
	return strings.Join(parts, "&")
}

func unescaped(text string) string {
	if value, err := url.QueryUnescape(text); err == nil {
		return value
	}
	return text
}

func (p *pseudonyms) bounded(text string, tokens []string) string {
	text = p.values(text, tokens)
	if len(text) <= maxJournalBody {
		return text
	}
	return fmt.Sprintf("%s[... %d bytes in all]", strings.ToValidUTF8(text[:maxJournalBody], ""), len(text))
}
