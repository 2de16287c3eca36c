package evidence

import (
	"cmp"
	"slices"
	"strings"
)

// Sighting is a secret that stands in a text where nobody should be able to read it.
type Sighting struct {
	Kind string // password, token, key or basic
	Name string // its pseudonym, without brackets
	Line int    // where it stands first, from 1
}

// Sightings are the secrets that a text shows in clear, or escaped as in a URL, in JSON,
// in HTML or in quotes, by their lines: passwords, tokens and keys, as far as they cannot
// be words of somebody else's. What the suite has made up itself is none.
func (s *Secrets) Sightings(text string) []Sighting {
	if s == nil || text == "" {
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
		if line := firstLine(text, value); line > 0 {
			seen = append(seen, Sighting{Kind: kind, Name: name, Line: line})
		}
	}
	slices.SortFunc(seen, func(a, b Sighting) int { return cmp.Or(a.Line-b.Line, cmp.Compare(a.Name, b.Name)) })
	return seen
}

// firstLine is the number of the line in which a value stands first, as it is or in a
// form that a reader can read; 0 where it stands nowhere.
func firstLine(text, value string) int {
	first := strings.Index(text, value)
	for _, f := range readableForms(value) {
		if at := strings.Index(text, f.text); at >= 0 && (first < 0 || at < first) {
			first = at
		}
	}
	if first < 0 {
		return 0
	}
	return 1 + strings.Count(text[:first], "\n")
}
