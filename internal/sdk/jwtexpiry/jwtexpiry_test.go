package jwtexpiry_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/sdk/jwtexpiry"
)

func token(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"RS256"}`)) + "." + encode([]byte(claims)) + "." + encode([]byte("signature"))
}

func TestOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{ // 0: none
		token(`{"exp":1605192107}`):             1605192107,
		token(`{"exp":1605192107,"aud":"*.*"}`): 1605192107,
		token(`{"exp":1605192107.0}`):           1605192107,
		token(`{"exp":1.605192107e9}`):          1605192107,
		token(`{"exp":"1605192107"}`):           1605192107,
		token(`{"exp":1605192107.9}`):           1605192107,
		token(`{"exp":null}`):                   0,
		token(`{"exp":0}`):                      0,
		token(`{"exp":-1}`):                     0,
		token(`{"exp":1e300}`):                  0,
		token(`{}`):                             0,
		token(`{"exp":"soon"}`):                 0,
		token(`{"exp":1`):                       0,
		"opaque":                                0,
		"a.b.c":                                 0,
		"":                                      0,
	} {
		end, ok := jwtexpiry.Of(text)
		if ok != (want != 0) || ok && !end.Equal(time.Unix(want, 0)) {
			t.Errorf("%s: got %v, %t", text, end, ok)
		}
	}
}

func FuzzOf(f *testing.F) {
	f.Add(token(`{"exp":1605192107}`))
	f.Fuzz(func(t *testing.T, text string) {
		if end, ok := jwtexpiry.Of(text); !ok && !end.IsZero() {
			t.Errorf("%q: %v", text, end)
		}
	})
}
