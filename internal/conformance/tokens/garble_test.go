package tokens

import (
	"strings"
	"testing"
)

const someJWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJyb290In0.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk"

// jwtHead is the header of a JWT. The payload may be empty, and the signature a separator.
const jwtHead = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"

func TestUnguessable(t *testing.T) {
	t.Parallel()
	for token, expected := range map[string]string{
		"9f8h9":                    "9f8h9",
		someJWT:                    someJWT[strings.LastIndexByte(someJWT, '.')+1:],
		railsEnvelope + "IjQx--ab": "IjQx--ab",
		"a.b.c":                    "a.b.c",
	} {
		if got := Unguessable(token); got != expected {
			t.Errorf("%s: expected %q, got %q", token, expected, got)
		}
	}
}

func FuzzGarble(f *testing.F) {
	for _, token := range []string{"", "9", "9f8h9", "----", someJWT, railsEnvelope + "IjQx--ab", "a.b.c", "ŻÓŁW", jwtHead + "..0", jwtHead + ".e30.-", jwtHead + "..-"} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		plain := strings.ContainsFunc(token, isLetterOrDigit)
		for _, garbled := range append(Garblings(token), Garble(token)) {
			if len(garbled) != len(token) {
				t.Errorf("%q: expected the same length, got %q", token, garbled)
			}
			if plain && garbled == token {
				t.Errorf("%q: expected another token, got the same", token)
			}
		}
		_ = Unguessable(token)
	})
}

func isLetterOrDigit(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
