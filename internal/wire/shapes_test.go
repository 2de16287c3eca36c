package wire_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

func TestInt64ReadsNumbersAndStrings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want int64
		ok   bool
	}{
		{`14400`, 14400, true},
		{`"14400"`, 14400, true},
		{`0`, 0, true},
		{`""`, 0, true},
		{`null`, 0, true},
		{`-1`, -1, true},
		{`9223372036854775807`, math.MaxInt64, true},
		{`"9223372036854775808"`, 0, false},
		{`1.5`, 0, false},
		{`"x"`, 0, false},
		{`true`, 0, false},
		{`"null"`, 0, false},
		{`{}`, 0, false},
	} {
		var got wire.Int64
		if err := json.Unmarshal([]byte(c.text), &got); (err == nil) != c.ok || int64(got) != c.want {
			t.Errorf("%s: got %d, %v", c.text, got, err)
		}
	}
	if text, err := json.Marshal(wire.Int64(14400)); string(text) != `"14400"` {
		t.Errorf("got %s, %v", text, err)
	}
}

func FuzzInt64(f *testing.F) {
	f.Add([]byte(`"14400"`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var n, again wire.Int64
		if json.Unmarshal(data, &n) != nil {
			return
		}
		text, err := json.Marshal(n)
		if err != nil || json.Unmarshal(text, &again) != nil || again != n {
			t.Errorf("%s is %d, written %s, read back %d", data, n, text, again)
		}
	})
}

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

func ExampleFormUserName() {
	fmt.Println(wire.FormUserName(json.RawMessage(`{"id":7,"login":"me"}`)))
	// Output: me
}
