package reference_test

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// TestKeyRotationUnderLoad rotates all keys several times while clients use tokens
// and refresh them at two replicas. No authorised request may fail.
func TestKeyRotationUnderLoad(t *testing.T) {
	t.Parallel()
	shared, now := memory.New(), clock.NewOffset(nil)
	replica := func(c *reference.Config) { c.Store, c.Clock, c.RPCSigner = shared, now, nil }
	replicas := []*office{open(t, replica), open(t, replica)}
	keys, err := keyring.New(keyring.Config{Store: shared, Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	const clients, rotations = 4, 4
	var requests atomic.Int64
	rotated := make(chan struct{})
	var all sync.WaitGroup
	for range clients {
		for _, d := range dialects() {
			all.Go(func() {
				token := d.token(d.login(replicas[0], "root", "root"))
				for i := 0; ; i++ {
					select {
					case <-rotated:
						return
					default:
					}
					if r := d.protected(replicas[i%2], token); r.status != 200 {
						t.Errorf("%s: an authorised request answers %d %s", d.name, r.status, r.body)
						return
					}
					requests.Add(1)
				}
			})
		}
		all.Go(func() { refreshUntil(t, replicas, rotated, &requests) })
	}
	for range rotations {
		for _, purpose := range keyring.Purposes() {
			if _, err := keys.Rotate(t.Context(), purpose, keyring.Rotation{}); err != nil {
				t.Error(err)
			}
		}
		for range 5 { // beyond the time at which the new keys begin to sign
			before := requests.Load()
			now.Advance(keyring.Staleness / 2)
			for requests.Load() < before+20 && !t.Failed() {
				if r := replicas[0].send("GET", "/healthz", ""); r.status != 200 {
					t.Fatalf("healthz answers %d", r.status)
				}
			}
		}
	}
	close(rotated)
	all.Wait()
	if last := requests.Load(); last < 20*5*rotations {
		t.Errorf("there were only %d requests", last)
	}
}

// refreshUntil refreshes one session repeatedly, at both replicas.
func refreshUntil(t *testing.T, replicas []*office, end <-chan struct{}, requests *atomic.Int64) {
	pair := replicas[0].send("POST", "/sessions", `{"session":{"email":"root@example.com","password":"root"}}`)
	for i := 0; ; i++ {
		select {
		case <-end:
			return
		default:
		}
		body := fmt.Sprintf(`{"refresh_token":%q}`, pair.member("refresh_token"))
		next := replicas[i%2].send("POST", "/tokens", body, "Authorization: Bearer "+pair.member("access_token"))
		if next.status != 200 {
			t.Errorf("a refresh answers %d %s", next.status, next.body)
			return
		}
		pair = next
		requests.Add(1)
	}
}

func publicKey(t *testing.T, key keyring.JWK) *rsa.PublicKey {
	t.Helper()
	n, err1 := base64.RawURLEncoding.DecodeString(key.Modulus)
	e, err2 := base64.RawURLEncoding.DecodeString(key.Exponent)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
}

// TestJWKSVerifiesTokens verifies an rpc token with the published keys alone.
func TestJWKSVerifiesTokens(t *testing.T) {
	t.Parallel()
	o := open(t, func(c *reference.Config) { c.RPCSigner = nil })
	if r := o.want("before the first login", o.send("GET", "/.well-known/jwks.json", ""), 200); string(r.body) != `{"keys":[]}`+"\n" {
		t.Errorf("the empty set is %s", r.body)
	}
	o.want("POST", o.send("POST", "/.well-known/jwks.json", ""), 405)
	rpc := dialects()[slices.IndexFunc(dialects(), func(d dialect) bool { return d.name == "rpc" })]
	token := rpc.token(rpc.login(o, "root", "root"))
	var set keyring.JWKS
	if err := json.Unmarshal(o.send("GET", "/.well-known/jwks.json", "").body, &set); err != nil || len(set.Keys) != 1 {
		t.Fatalf("the set is %+v (%v)", set, err)
	}
	_, err := jwt.Parse(token, func(parsed *jwt.Token) (any, error) {
		if parsed.Header["kid"] != set.Keys[0].ID {
			t.Errorf("the token's kid is %v, the key's %s", parsed.Header["kid"], set.Keys[0].ID)
		}
		return publicKey(t, set.Keys[0]), nil
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithExpirationRequired())
	if err != nil {
		t.Errorf("the token does not verify: %v", err)
	}
}

// TestJWKSOfASigner verifies an rpc token of a signer of the configuration with the key
// that it publishes.
func TestJWKSOfASigner(t *testing.T) {
	t.Parallel()
	o := open(t) // signs with RS256
	rpc := dialects()[slices.IndexFunc(dialects(), func(d dialect) bool { return d.name == "rpc" })]
	token := rpc.token(rpc.login(o, "root", "root"))
	var set keyring.JWKS
	if err := json.Unmarshal(o.want("the keys", o.send("GET", "/.well-known/jwks.json", ""), 200).body, &set); err != nil || len(set.Keys) != 1 {
		t.Fatalf("the set is %+v (%v)", set, err)
	}
	_, err := jwt.Parse(token, func(*jwt.Token) (any, error) { return publicKey(t, set.Keys[0]), nil }, jwt.WithValidMethods([]string{"RS256"}))
	if err != nil {
		t.Errorf("the token does not verify: %v", err)
	}
}
