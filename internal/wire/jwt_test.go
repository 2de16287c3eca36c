package wire_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

func jwt(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"RS256"}`)) + "." + encode([]byte(claims)) + "." + encode([]byte("signature"))
}

func TestJWTExpiry(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{ // 0: none
		jwt(`{"exp":1605192107}`):             1605192107,
		jwt(`{"exp":1605192107,"aud":"*.*"}`): 1605192107,
		jwt(`{"exp":1605192107.0}`):           1605192107,
		jwt(`{"exp":1.605192107e9}`):          1605192107,
		jwt(`{"exp":"1605192107"}`):           1605192107,
		jwt(`{"exp":1605192107.9}`):           1605192107,
		jwt(`{"exp":null}`):                   0,
		jwt(`{"exp":0}`):                      0,
		jwt(`{"exp":-1}`):                     0,
		jwt(`{"exp":1e300}`):                  0,
		jwt(`{}`):                             0,
		jwt(`{"exp":"soon"}`):                 0,
		jwt(`{"exp":1`):                       0,
		"opaque":                              0,
		"a.b.c":                               0,
		"":                                    0,
	} {
		end, ok := wire.JWTExpiry(text)
		if ok != (want != 0) || ok && !end.Equal(time.Unix(want, 0)) {
			t.Errorf("%s: got %v, %t", text, end, ok)
		}
	}
}

func FuzzJWTExpiry(f *testing.F) {
	f.Add(jwt(`{"exp":1605192107}`))
	f.Fuzz(func(t *testing.T, text string) {
		if end, ok := wire.JWTExpiry(text); !ok && !end.IsZero() {
			t.Errorf("%q: %v", text, end)
		}
	})
}
