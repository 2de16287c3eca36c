package mockserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// maxJournalBody is how much of a body the journal keeps, in bytes.
const maxJournalBody = 4 << 10

// pseudonyms gives each secret a name that stays the same as long as the mock
// runs, such as "token-3". It is safe for concurrent use.
type pseudonyms struct {
	mu     sync.Mutex
	names  map[string]string // by the secret
	counts map[string]int    // by the kind
}

// of returns the name of a secret of a kind ("token", "password", "secret").
func (p *pseudonyms) of(kind, secret string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if name, known := p.names[secret]; known {
		return name
	}
	if p.names == nil {
		p.names, p.counts = map[string]string{}, map[string]int{}
	}
	p.counts[kind]++
	name := fmt.Sprintf("%s-%d", kind, p.counts[kind])
	p.names[secret] = name
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
		text = strings.ReplaceAll(text, token, p.masked("token", token))
		if escaped := url.QueryEscape(token); escaped != token {
			text = strings.ReplaceAll(text, escaped, p.masked("token", token))
		}
	}
	return text
}

// secretHeaders carry nothing but secrets, after an optional scheme.
var secretHeaders = map[string]bool{
	"Authorization": true, "Proxy-Authorization": true, "Cookie": true, "Set-Cookie": true, "X-Auth-Bearer": true, "X-Api-Key": true, "Auth_token": true,
}

// header returns a copy of a header without secrets. A nil header stays nil.
func (p *pseudonyms) header(header http.Header, tokens []string) http.Header {
	if header == nil {
		return nil
	}
	masked := make(http.Header, len(header))
	for name, values := range header {
		for _, value := range values {
			if secretHeaders[name] {
				value = p.credentials(value)
			}
			masked[name] = append(masked[name], p.values(value, tokens))
		}
	}
	return masked
}

// credentials keeps the scheme of a header's value and masks the rest.
func (p *pseudonyms) credentials(value string) string {
	scheme, secret, found := strings.Cut(value, " ")
	secret = strings.TrimLeft(secret, " ")
	switch {
	case !found:
		return p.masked("token", value)
	case strings.EqualFold(scheme, "Bearer"):
		return scheme + " " + p.masked("token", secret)
	default:
		return scheme + " " + p.masked("secret", secret)
	}
}

// Members of JSON and fields of forms whose value is a secret.
const secretNames = `pass|password|(?:access|refresh|session)?[_-]?token|token[_-]?value|verification[_-]?code|api[_-]?key`

var (
	secretMember = regexp.MustCompile(`(?i)("(` + secretNames + `)"\s*:\s*)("(?:[^"\\]|\\.)*"|[^\s,}\]]+)`)
	secretField  = regexp.MustCompile(`(?i)((?:^|&|\?)(` + secretNames + `)=)([^&#]*)`)
)

// body returns a body without secrets, cut to [maxJournalBody]. A body that is
// neither JSON nor a form, of a request that carries credentials, is not kept.
func (p *pseudonyms) body(body []byte, tokens []string, credentials bool) string {
	switch {
	case len(body) == 0:
		return ""
	case json.Valid(body):
		return p.bounded(p.masks(secretMember, string(body), unquoted), tokens)
	case credentials && !isForm(body), !utf8.Valid(body):
		return fmt.Sprintf("[%d bytes]", len(body))
	default:
		return p.bounded(p.fields(string(body)), tokens)
	}
}

// isForm says whether a body can be read as a form that names a field.
func isForm(body []byte) bool {
	_, err := url.ParseQuery(string(body))
	return err == nil && strings.Contains(string(body), "=") && !strings.ContainsAny(string(body), "{\"' \n")
}

// fields masks the secrets of a query or a form.
func (p *pseudonyms) fields(text string) string { return p.masks(secretField, text, unescaped) }

// masks replaces the third group of a pattern, whose second is the name.
func (p *pseudonyms) masks(pattern *regexp.Regexp, text string, read func(string) string) string {
	return pattern.ReplaceAllStringFunc(text, func(found string) string {
		part := pattern.FindStringSubmatch(found)
		kind, secret := "token", read(part[3])
		if name := strings.ToLower(part[2]); !strings.Contains(name, "token") {
			kind = "secret"
			if strings.HasPrefix(name, "pass") {
				kind = "password"
			}
		}
		if secret == "" {
			return found
		}
		mask := p.masked(kind, secret)
		if strings.HasPrefix(part[3], `"`) {
			mask = `"` + mask + `"`
		}
		return part[1] + mask
	})
}

func unquoted(text string) string {
	var value string
	if json.Unmarshal([]byte(text), &value) != nil {
		return text
	}
	return value
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
