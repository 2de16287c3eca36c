package tokens

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// none are the keys of a server that publishes none.
func none() [][]byte { return nil }

func jwtOf(header, payload string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." + encode([]byte(payload)) + ".c2lnbmF0dXJlLXRoYXQtaXMtbG9uZy1lbm91Z2g"
}

func TestForgeriesAreWhatTheySay(t *testing.T) {
	t.Parallel()
	token := jwtOf(`{"alg":"RS256","kid":"7"}`, `{"exp":1800000000,"sub":"me"}`)
	right := strings.Split(token, ".")
	for way, check := range map[string]func(header, claims map[string]any, parts []string) bool{
		`"alg" none and no signature`: func(h, _ map[string]any, p []string) bool {
			return strings.EqualFold(h["alg"].(string), "none") && h["kid"] == "7" && p[1] == right[1] && p[2] == ""
		},
		`"alg" none and the old signature`: func(h, _ map[string]any, p []string) bool {
			return strings.EqualFold(h["alg"].(string), "none") && p[1] == right[1] && p[2] == right[2]
		},
		`a later "exp" and the old signature`: func(_, c map[string]any, p []string) bool {
			return c["exp"] == json.Number("1800086400") && c["sub"] == "me" && p[0] == right[0] && p[2] == right[2]
		},
		`another "sub" and the old signature`: func(_, c map[string]any, p []string) bool {
			return c["sub"] != "me" && c["exp"] == json.Number("1800000000") && p[2] == right[2]
		},
		`other characters in its signature`: func(_, _ map[string]any, p []string) bool {
			return p[0] == right[0] && p[1] == right[1] && p[2] != right[2]
		},
		`an HS256 signature by a key that others can have`: func(h, _ map[string]any, p []string) bool {
			return h["alg"] == "HS256" && p[1] == right[1] && p[2] != right[2]
		},
	} {
		forged, err := Forge(way, token, none)
		if err != nil || len(forged) == 0 {
			t.Errorf("%s: %d tokens, %v", way, len(forged), err)
		}
		for _, one := range forged {
			parts := strings.Split(one.Token, ".")
			header, err := DecodePart(parts[0])
			if err != nil {
				t.Fatal(err)
			}
			claims, err := DecodePart(parts[1])
			if err != nil {
				t.Fatal(err)
			}
			if one.Token == token || !check(header, claims, parts) {
				t.Errorf("%s made %v %v %q", way, header, claims, parts[2])
			}
		}
	}
}

func TestForgeriesOfWhatIsNoJWT(t *testing.T) {
	t.Parallel()
	const token = "0123456789abcdef0123456789abcdef"
	forged, err := Forge(`"alg" none and no signature`, token, none)
	if err != nil || len(forged) == 0 || slices.ContainsFunc(forged, func(f Forgery) bool { return f.Token == token || f.Key != nil }) {
		t.Errorf("got %q, %v", forged, err)
	}
	if _, err := Forge("good will", jwtOf(`{"alg":"RS256"}`, `{}`), none); err == nil {
		t.Error("a way that is none was taken")
	}
}

func TestForgeriesByThePublishedKey(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	published := `{"keys":[{"kty":"EC","n":"","e":""},{"kty":"RSA","n":"` + base64.RawURLEncoding.EncodeToString(key.N.Bytes()) +
		`","e":"` + base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()) + `"}]}`
	forged, err := Forge(`an HS256 signature by a key that others can have`, jwtOf(`{"alg":"RS256"}`, `{}`),
		func() [][]byte { return PublicKeys(published) })
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	signed := forged[0].Token[:strings.LastIndex(forged[0].Token, ".")]
	mac := hmac.New(sha256.New, text)
	mac.Write([]byte(signed))
	want := signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	if !slices.ContainsFunc(forged, func(f Forgery) bool { return f.Token == want && bytes.Equal(f.Key, text) }) {
		t.Error("none is signed with the PEM text of the published key")
	}
	if got := PublicKeys("no keys"); got != nil {
		t.Errorf("what is no set of keys holds %d", len(got))
	}
}

func FuzzDecodePart(f *testing.F) {
	f.Add("eyJhbGciOiJub25lIn0")
	f.Add("bnVsbA")
	f.Add("%")
	f.Fuzz(func(t *testing.T, part string) {
		fields, err := DecodePart(part)
		if err == nil && fields != nil {
			if again, err := DecodePart(encodePart(fields)); err != nil || len(again) != len(fields) {
				t.Errorf("%q was read as %v, and that as %v, %v", part, fields, again, err)
			}
		}
	})
}
