package tokens

import (
	"regexp"
	"slices"
	"testing"
)

// jwtLike says what JWTs finds.
var jwtLike = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`)

// FuzzJWTs: what is found is what the expression finds.
func FuzzJWTs(f *testing.F) {
	for _, text := range []string{
		"", "eyJ", someJWT, someJWT + "." + someJWT, "a" + someJWT + " b " + someJWT, jwtHead + "..", jwtHead + ".." + someJWT,
		"eyJshort.", "eyJ1234567.12345678.", "eyJ12345678.1234567.", "eyJ12345678.12345678.", "eyJ12345678.12345678", "eyJeyJ12345678.12345678.x",
		"eyJ12.eyJ12345678.eyJ12345678.eyJ12345678.é", "eyJ12345678!12345678.x", jwtHead,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := JWTs(text), jwtLike.FindAllString(text, -1); !slices.Equal(got, want) {
			t.Errorf("in %q: got %q, want %q", text, got, want)
		}
	})
}
