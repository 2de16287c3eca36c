package evidence

import "strings"

// Derivation says how the value of a pseudonym can be had without showing it.
// The zero Derivation says that it cannot.
type Derivation struct {
	// Origin is the key of the manifest that holds it.
	Origin string
	// Basic is the text whose base64 it is, with pseudonyms for secrets.
	Basic string
	// From is the name of another secret that it was made of: the first Front
	// and last Back bytes of that, with Middle between them.
	From        string
	Front, Back int
	Middle      string
	// Parts are those of a token with dots that was made of From's.
	Parts []Part
	// Length of the value, for one that the suite made up.
	Length int
}

// Part is one of a token with dots: that of another token at the same place,
// or a text of its own.
type Part struct {
	Same bool
	Text string
}

// Derive explains the pseudonym with a name, as "made-up-token-1". From are
// the names of the secrets that it may have been made of. It never gives more
// of a value than what is wrong about it.
func (s *Secrets) Derive(name string, from []string) Derivation {
	if s == nil {
		return Derivation{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known, found := s.secrets[name]
	switch {
	case !found:
		return Derivation{}
	case known.origin != "":
		return Derivation{Origin: known.origin}
	case known.text != "":
		return Derivation{Basic: known.text}
	}
	var best Derivation
	for _, base := range from {
		if base == name || s.secrets[base].value == "" {
			continue
		}
		if d := derive(known.value, s.secrets[base].value); d.Front+d.Back > best.Front+best.Back || best.From == "" && d.Parts != nil {
			best, best.From = d, base
		}
	}
	best.Length = len(known.value)
	return best
}

// derive compares a made-up value with a right one. Most of it has to come
// from there.
func derive(value, base string) Derivation {
	shorter := min(len(value), len(base))
	front := 0
	for front < shorter && value[front] == base[front] {
		front++
	}
	back := 0
	for back < shorter-front && value[len(value)-1-back] == base[len(base)-1-back] {
		back++
	}
	if 2*(front+back) >= len(base) && front+back > 0 {
		return Derivation{Front: front, Back: back, Middle: value[front : len(value)-back]}
	}
	parts, others := strings.Split(value, "."), strings.Split(base, ".")
	if len(parts) != 3 || len(others) != 3 {
		return Derivation{}
	}
	d := Derivation{Parts: make([]Part, len(parts))}
	for i, part := range parts {
		if part == others[i] {
			d.Parts[i].Same = true
		} else {
			d.Parts[i].Text = part
		}
	}
	if !d.Parts[0].Same && !d.Parts[1].Same {
		return Derivation{} // another token, or one that is made up
	}
	return d
}
