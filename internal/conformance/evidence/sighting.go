package evidence

import (
	"cmp"
	"maps"
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
	sought := map[string]Sighting{}
	for value, name := range s.names {
		kind := name[:strings.LastIndex(name, "-")]
		if !slices.Contains([]string{"password", granted, "key", "basic"}, kind) || s.kindOf(value) != telling {
			continue
		}
		sought[value] = Sighting{Kind: kind, Name: name}
		for _, f := range readableForms(value) {
			sought[f.text] = sought[value]
		}
	}
	seen := slices.Collect(maps.Values(firstOfEach(text, sought)))
	slices.SortFunc(seen, func(a, b Sighting) int { return cmp.Or(a.Line-b.Line, cmp.Compare(a.Name, b.Name)) })
	return seen
}

// firstOfEach goes through a text once, which may be long and hold none of thousands of
// secrets, and notes the first line of each, by its name. None is shorter than Shortest.
func firstOfEach(text string, sought map[string]Sighting) map[string]Sighting {
	fronts := map[string][]string{}
	for written := range sought {
		fronts[written[:Shortest]] = append(fronts[written[:Shortest]], written)
	}
	seen := map[string]Sighting{}
	line := 1
	for at := 0; at+Shortest <= len(text); at++ {
		if at > 0 && text[at-1] == '\n' {
			line++
		}
		for _, written := range fronts[text[at:at+Shortest]] {
			if !strings.HasPrefix(text[at:], written) {
				continue
			}
			found := sought[written]
			if _, before := seen[found.Name]; !before {
				found.Line = line
				seen[found.Name] = found
			}
		}
	}
	return seen
}
