package evidence

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// Sighting is a secret that stands in a text where nobody should be able to read it.
type Sighting struct {
	Kind string // password, token, key or basic
	Name string // its pseudonym, without brackets
	Line int    // where it stands first, from 1
}

// Sightings are the secrets that a text shows in clear, or escaped as in a URL, by
// their lines: passwords, tokens and keys, as far as they cannot be words of somebody
// else's. What the suite has made up itself is none.
func (s *Secrets) Sightings(text string) []Sighting {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var seen []Sighting
	for value, name := range s.names {
		kind := name[:strings.LastIndex(name, "-")]
		if !slices.Contains([]string{"password", granted, "key", "basic"}, kind) || s.kindOf(value) != telling {
			continue
		}
		at := strings.Index(text, value)
		if at < 0 {
			at = strings.Index(text, url.QueryEscape(value))
		}
		if at >= 0 {
			seen = append(seen, Sighting{Kind: kind, Name: name, Line: 1 + strings.Count(text[:at], "\n")})
		}
	}
	slices.SortFunc(seen, func(a, b Sighting) int { return cmp.Or(a.Line-b.Line, cmp.Compare(a.Name, b.Name)) })
	return seen
}
