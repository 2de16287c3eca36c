package evidence

import (
	"strings"
	"unicode"
)

// Derivation says how the value of a pseudonym can be had without showing it.
// The zero Derivation says that it cannot.
type Derivation struct {
	// Origin is the key of the manifest that holds it.
	Origin string
	// Basic is the text whose base64 it is, with pseudonyms for secrets.
	Basic string
	// From is the name of another secret that it was made of: the first Front
	// and last Back bytes of that, with Middle in place of the Cut bytes between
	// them.
	From             string
	Front, Cut, Back int
	Middle           string
	// OtherCase says that it is From with capital letters for small ones and the
	// other way round.
	OtherCase bool
	// Parts are those of a token with dots that was made of From's.
	Parts []Part
	// HMAC is the key that the last of three Parts is an HS256 signature by:
	// one that is no secret.
	HMAC []byte
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
// of a value than what is wrong about it, and nothing of a granted token.
func (s *Secrets) Derive(name string, from []string) Derivation {
	if s == nil {
		return Derivation{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known, found := s.secrets[name]
	switch {
	case !found, strings.HasPrefix(name, granted+"-"):
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
		if right := s.secrets[base].value; known.value == OtherCase(right) && len(known.value) == len(right) {
			return Derivation{From: base, OtherCase: true}
		}
		d := derive(known.value, s.secrets[base].value)
		if known.key != nil {
			d = deriveSigned(known, s.secrets[base].value)
		}
		if d.Front+d.Back > best.Front+best.Back || best.From == "" && d.Parts != nil {
			best, best.From = d, base
		}
	}
	best.Length = len(known.value)
	return best
}

// OtherCase turns capital letters into small ones and the other way round. A text
// without letters gets one more.
func OtherCase(text string) string {
	turned := strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, text)
	if turned == text {
		return text + "X"
	}
	return turned
}

// granted is the kind of tokens that a server gave out. They are of its making,
// and what one has that another has not is its secret.
const granted = "token"

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
		return Derivation{Front: front, Cut: len(base) - front - back, Back: back, Middle: value[front : len(value)-back]}
	}
	parts := partsOf(value, base)
	other := 0
	for _, part := range parts {
		if !part.Same && part.Text != "" {
			other++
		}
	}
	if other != 1 { // made of another token, whose parts are not to be shown
		return Derivation{}
	}
	return Derivation{Parts: parts}
}

// deriveSigned explains a token with the claims of another one, and a header
// and a signature of its own.
func deriveSigned(forged secret, base string) Derivation {
	parts := partsOf(forged.value, base)
	if parts == nil || !parts[1].Same {
		return Derivation{}
	}
	header, _, _ := strings.Cut(forged.value, ".")
	parts[0] = Part{Text: header}
	return Derivation{Parts: parts, HMAC: forged.key}
}

// partsOf compares two tokens of three parts; of others it returns nil.
func partsOf(value, base string) []Part {
	texts, others := strings.Split(value, "."), strings.Split(base, ".")
	if len(texts) != 3 || len(others) != 3 {
		return nil
	}
	parts := make([]Part, len(texts))
	for i, text := range texts {
		if parts[i].Same = text == others[i]; !parts[i].Same {
			parts[i].Text = text
		}
	}
	return parts
}
