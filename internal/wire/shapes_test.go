package wire_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

func TestFormUserName(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`"me"`:                              "me",
		`{"login":"me","name":"My Name"}`:   "me",
		`{"id":7,"username":"me"}`:          "me",
		`{"name":"me"}`:                     "me",
		`{"login":7,"email":"me@x"}`:        "me@x",
		`{"profile":{"login":"me"},"id":7}`: "me",
		`{"id":7}`:                          "",
		`null`:                              "",
		`7`:                                 "",
		``:                                  "",
		`[]`:                                "",
	} {
		if got := wire.FormUserName(json.RawMessage(raw)); got != want {
			t.Errorf("%s: got %q, want %q", raw, got, want)
		}
	}
}

func FuzzFormUserName(f *testing.F) {
	f.Add([]byte(`{"login":"me"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if name := wire.FormUserName(raw); name != "" && !json.Valid(raw) {
			t.Errorf("%q is no JSON, but names %q", raw, name)
		}
	})
}

func TestDialectsIsFresh(t *testing.T) {
	t.Parallel()
	wire.Dialects()[0] = "changed"
	if got := wire.Dialects(); !slices.Equal(got, []string{"session", "form", "rpc", "scoped"}) {
		t.Errorf("got %v", got)
	}
}
