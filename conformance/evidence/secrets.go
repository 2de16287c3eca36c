package evidence

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Secrets is the list of values that no report may show, each with a stable
// pseudonym such as [password-1]. The zero value is ready; it is safe for
// concurrent use. A nil *Secrets hides nothing.
type Secrets struct {
	mu       sync.Mutex
	names    map[string]string // value to pseudonym
	counts   map[string]int    // kind to how many there are
	replacer *strings.Replacer // made of names; nil when names have grown since
}

// Add makes value secret. Kind is a word for the pseudonym: password, token,
// key. A value that is already secret keeps its pseudonym; the empty value is
// ignored. Encoded forms that a wire uses (percent, base64) are hidden too.
func (s *Secrets) Add(kind, value string) {
	if value == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.names[value]; known {
		return
	}
	if s.names == nil {
		s.names, s.counts = map[string]string{}, map[string]int{}
	}
	s.counts[kind]++
	name := fmt.Sprintf("[%s-%d]", kind, s.counts[kind])
	for _, form := range []string{value, url.QueryEscape(value), url.PathEscape(value), jsonEscape(value)} {
		if _, known := s.names[form]; !known {
			s.names[form] = name
		}
	}
	s.replacer = nil
}

// AddBasic makes the Basic credentials of a user secret, on top of the
// password itself.
func (s *Secrets) AddBasic(user, password string) {
	s.Add("basic", base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
}

// Hide replaces every secret in text by its pseudonym.
func (s *Secrets) Hide(text string) string {
	if s == nil || text == "" {
		return text
	}
	s.mu.Lock()
	if s.replacer == nil {
		s.replacer = newReplacer(s.names)
	}
	replacer := s.replacer
	s.mu.Unlock()
	return replacer.Replace(text)
}

// newReplacer tries longer values first, so that a secret that contains
// another is hidden whole.
func newReplacer(names map[string]string) *strings.Replacer {
	values := make([]string, 0, len(names))
	for value := range names {
		values = append(values, value)
	}
	slices.SortFunc(values, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	pairs := make([]string, 0, 2*len(values))
	for _, value := range values {
		pairs = append(pairs, value, names[value])
	}
	return strings.NewReplacer(pairs...)
}

func (s *Secrets) hide(e Exchange) Exchange {
	e.URL = s.Hide(e.URL)
	e.RequestHeader = s.hideHeader(e.RequestHeader)
	e.RequestBody = s.Hide(e.RequestBody)
	e.ResponseHeader = s.hideHeader(e.ResponseHeader)
	e.ResponseBody = s.Hide(e.ResponseBody)
	e.Error = s.Hide(e.Error)
	return e
}

func (s *Secrets) hideHeader(header http.Header) http.Header {
	hidden := make(http.Header, len(header))
	for name, values := range header {
		for _, value := range values {
			hidden[name] = append(hidden[name], s.Hide(value))
		}
	}
	return hidden
}

// jsonEscape writes value as it stands between the quotes of a JSON string.
func jsonEscape(value string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`, "<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(value)
}
