package mockserver

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestTokensIn finds the tokens of an object, whatever else is in it.
func TestTokensIn(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		`{"access_token":"a","expires_in":600,"refresh_token":"r"}`:          {"r", "a"},
		` {"user":{"token":"inner"},"list":["token","x"],"Token_Value":"v"}`: {"v"},
		`{"token":"first","token":"last"}`:                                   {"last"},
		`{"token":"first","token":7}`:                                        nil,
		`{"tok\u0065n":"\u0061b"}`:                                           {"ab"},
		"{\"token\":\"\xff\"}\n":                                             {"\uFFFD"},
		`{"access-token":""}`:                                                nil,
		`{"token":null}`:                                                     nil,
		`{"refresh_token":"r","refreshToken":""}`:                            {"r"},
		`{"access_token":"a","accessToken":null}`:                            {"a"},
		`{"token":"a","Token":{"x":1}}`:                                      {"a"},
		`{}`:                                                                 nil,
		`{"token":"a"`:                                                       nil,
		`{"token":"a"]`:                                                      nil,
		`{"token":"a"}}`:                                                     nil,
		`{"token":"a"} {}`:                                                   nil,
		`{"token":"a",}`:                                                     nil,
		`{"other":tru,"token":"a"}`:                                          nil,
		`["token"]`:                                                          nil,
		`token=a`:                                                            nil,
		"":                                                                   nil,
	} {
		if found := tokensIn([]byte(body)); !slices.Equal(found, want) {
			t.Errorf("%s: %q, want %q", body, found, want)
		}
	}
}

// FuzzTokensIn finds what encoding/json finds.
func FuzzTokensIn(f *testing.F) {
	for _, body := range []string{`{"token":"a","b":[{}]}`, `{"token":"\ud800","x":1e9}`, `{"token":"a"}x`, `{"toKen":"a"}`, `[]`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		kept := slices.Clone(body)
		found := tokensIn(body)
		if !slices.Equal(body, kept) {
			t.Fatal("the body is another")
		}
		var members map[string]json.RawMessage
		if json.Unmarshal(body, &members) != nil {
			members = nil
		}
		var want [len(tokenMembers)]string
		names := map[string]int{}
		for name, raw := range members {
			plain := strings.ToLower(separators.Replace(name))
			if at := slices.Index(tokenMembers[:], plain); at >= 0 {
				_ = json.Unmarshal(raw, &want[at])
				names[plain]++
			}
			if names[plain] > 1 {
				return // which of two spellings counts is not said
			}
		}
		if all := slices.DeleteFunc(want[:], func(value string) bool { return value == "" }); !slices.Equal(found, all) {
			t.Errorf("in %s: %q, want %q", body, found, all)
		}
	})
}
