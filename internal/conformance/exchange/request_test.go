package exchange

import (
	"testing"
)

func TestPadded(t *testing.T) {
	t.Parallel()
	for body, expected := range map[string]string{`{"a":1}`: `{"filler":"aaa","a":1}`, "a=1": "filler=aaa&a=1", "": ""} {
		r, err := Request{Body: body}.Padded(3)
		if (err != nil) != (expected == "") || r.Body != expected {
			t.Errorf("%q: expected %q, got %q, %v", body, expected, r.Body, err)
		}
	}
}
