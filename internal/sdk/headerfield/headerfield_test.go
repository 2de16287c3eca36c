package headerfield_test

import (
	"testing"

	"github.com/dragoman-auth/dragoman/internal/sdk/headerfield"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"X-Api-Key": true, "GET": true, "a!#$%&'*+-.^_`|~1": true,
		"": false, "a b": false, "a:b": false, "a\tb": false, "é": false, "a\x00": false, "a(b)": false, `a"b`: false, "a/b": false,
	} {
		if headerfield.IsName(text) != want {
			t.Errorf("%q: %t", text, !want)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true, "Bearer eyJ.x_y-z~": true, "a b\tc": true, `"quoted"`: true,
		"a\r": false, "a\nb": false, "a\r\nX-Evil: 1": false, "a\x00b": false, "a\x7f": false, "caf\u00e9": false, "\xff": false, " a": false, "a ": false, "a\t": false,
	} {
		if headerfield.IsValue(text) != want {
			t.Errorf("%q: %t", text, !want)
		}
	}
}
