package session

import (
	"encoding/json"
	"testing"
)

// These tests are inside the package, because no route accepts all of the inputs.

func TestInflectedKeepsValues(t *testing.T) {
	t.Parallel()
	value := map[string]any{
		"access_token": "a_b", "expires_in": json.Number("12345678901234567890"), "deep_list": []any{map[string]any{"full_name": nil}}, "": true, "_x": 1, "a__b": 2,
	}
	for style, want := range map[string]string{
		"camel":  `{"":true,"X":1,"aB":2,"accessToken":"a_b","deepList":[{"fullName":null}],"expiresIn":12345678901234567890}`,
		"dash":   `{"":true,"-x":1,"a--b":2,"access-token":"a_b","deep-list":[{"full-name":null}],"expires-in":12345678901234567890}`,
		"pascal": `{"":true,"AB":2,"AccessToken":"a_b","DeepList":[{"FullName":null}],"ExpiresIn":12345678901234567890,"X":1}`,
		"snake":  `{"":true,"_x":1,"a__b":2,"access_token":"a_b","deep_list":[{"full_name":null}],"expires_in":12345678901234567890}`,
	} {
		got, err := json.Marshal(inflected(value, inflections[style]))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s (%v), want %s", style, got, err, want)
		}
	}
}

func TestEnglish(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/utenti": "/users", "/utenti/1": "/users/1", "/sessioni/a/b": "/sessions/a/b", "/users": "/users", "/utentix": "/utentix", "/x/utenti": "/x/utenti",
	} {
		if got := english(path); got != want {
			t.Errorf("english(%q) is %q, want %q", path, got, want)
		}
	}
}

func FuzzInflected(f *testing.F) {
	f.Add("access_token")
	f.Add("__")
	f.Add("é_ß")
	f.Fuzz(func(t *testing.T, key string) {
		for style, recase := range inflections {
			out, err := json.Marshal(inflected(map[string]int{key: 7}, recase))
			if err != nil || !json.Valid(out) {
				t.Errorf("%s of %q: %s (%v)", style, key, out, err)
			}
		}
	})
}
