package tokens

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// none are the keys of a server that publishes none.
func none() ([][]byte, error) { return nil, nil }

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

// TestForgeriesByThePublicKey: of each form of each kind of key, the text that a
// server has in its file is among those that sign.
func TestForgeriesByThePublicKey(t *testing.T) {
	t.Parallel()
	const way = `an HS256 signature by its public key`
	rsaKey, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := ecKey.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	edKey, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	pemOf := func(key any) string {
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	}
	rsaJWK := `{"kty":"RSA","n":"` + encode(rsaKey.N.Bytes()) + `","e":"` + encode(big.NewInt(int64(rsaKey.E)).Bytes()) + `"}`
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey)}))
	for name, test := range map[string]struct{ published, key string }{
		"a JWK set":    {`{"keys":[{"kty":"oct"},7,` + rsaJWK + `]}`, pemOf(&rsaKey.PublicKey)},
		"a JWK":        {rsaJWK, pkcs1},
		"an EC JWK":    {`{"keys":[{"kty":"EC","crv":"P-256","x":"` + encode(point[1:33]) + `","y":"` + encode(point[33:]) + `"}]}`, pemOf(&ecKey.PublicKey)},
		"Ed25519":      {`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"` + encode(edKey) + `"}]}`, string(edKey)},
		"PEM":          {"words before it\n" + pemOf(&ecKey.PublicKey), strings.TrimSuffix(pemOf(&ecKey.PublicKey), "\n")},
		"PKCS #1":      {pkcs1, pemOf(&rsaKey.PublicKey)},
		"the second":   {pemOf(edKey) + pemOf(&rsaKey.PublicKey), pkcs1},
		"none":         {"no keys", ""},
		"a bad point":  {`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`, ""},
		"a bad number": {`{"keys":[{"kty":"RSA","n":"%","e":"AQAB"}]}`, ""},
	} {
		forged, err := Forge(way, jwtOf(`{"alg":"RS256"}`, `{}`), func() ([][]byte, error) { return PublicKeys(test.published), nil })
		if err != nil {
			t.Fatal(err)
		}
		if test.key == "" {
			if len(forged) != 0 {
				t.Errorf("%s: made %d tokens", name, len(forged))
			}
			continue
		}
		signed, _, _ := strings.Cut(forged[0].Token, ".c2ln")
		signed = signed[:strings.LastIndex(signed, ".")]
		mac := hmac.New(sha256.New, []byte(test.key))
		mac.Write([]byte(signed))
		want := signed + "." + encode(mac.Sum(nil))
		if !slices.ContainsFunc(forged, func(f Forgery) bool { return f.Token == want && string(f.Key) == test.key }) {
			t.Errorf("%s: none is signed with %q", name, test.key)
		}
	}
	failed := errors.New("no key is known")
	if _, err := Forge(way, jwtOf(`{"alg":"RS256"}`, `{}`), func() ([][]byte, error) { return nil, failed }); !errors.Is(err, failed) {
		t.Errorf("without a key: %v", err)
	}
	if garbled, err := Forge(way, jwtOf(`{"alg":"HS256"}`, `{}`), func() ([][]byte, error) { return nil, failed }); err != nil || len(garbled) == 0 {
		t.Errorf("a token that has no public key: %d, %v", len(garbled), err)
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
