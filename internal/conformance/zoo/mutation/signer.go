package mutation

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"math/bits"
	"net/http"
	"sync"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
)

// signer signs with RS256 for the whole zoo. Its key is made when the first token is
// signed. Hundreds of servers sign hundreds of tokens each, and none of them guards
// anything: the primes of the key are short, so that each fits a machine word, which
// makes a signature many times faster than one of crypto/rsa.
var signer = grant.SignerFunc(func(claims map[string]any) (string, error) {
	text, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims)).SigningString()
	if err != nil {
		return "", err
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(fastKey().sign(text)), nil
})

// key is an RSA key with what the Chinese remainder theorem needs (RFC 8017 section
// 5.1.2), for any number of primes.
type key struct {
	public rsa.PublicKey
	primes []primeOfKey
}

type primeOfKey struct {
	prime    uint64
	exponent uint64   // the private exponent, for this prime
	part     *big.Int // 1 modulo this prime, 0 modulo the others
}

var fastKey = sync.OnceValue(func() *key {
	for {
		if k := newKey(17); k != nil { // of 1081 bits or more: crypto/rsa wants 1024
			return k
		}
	}
})

// newKey makes a key of random primes of 64 bits. It returns nil where two of them are
// equal, or one has no private exponent.
func newKey(primes int) *key {
	one := big.NewInt(1)
	k := &key{public: rsa.PublicKey{N: big.NewInt(1), E: 65537}}
	for range primes {
		prime, err := rand.Prime(rand.Reader, 64)
		if err != nil {
			panic(err) // the system's random source does not fail
		}
		exponent := new(big.Int).ModInverse(big.NewInt(int64(k.public.E)), new(big.Int).Sub(prime, one))
		if exponent == nil || new(big.Int).GCD(nil, nil, prime, k.public.N).Cmp(one) != 0 {
			return nil
		}
		k.public.N.Mul(k.public.N, prime)
		k.primes = append(k.primes, primeOfKey{prime: prime.Uint64(), exponent: exponent.Uint64()})
	}
	for i, p := range k.primes {
		prime := new(big.Int).SetUint64(p.prime)
		rest := new(big.Int).Div(k.public.N, prime)
		k.primes[i].part = rest.Mul(rest, new(big.Int).ModInverse(rest, prime))
	}
	return k
}

// sign makes the signature of RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2.1).
func (k *key) sign(text string) []byte {
	hash := sha256.Sum256([]byte(text))
	info := []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}
	encoded := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, k.public.Size()-3-len(info)-len(hash))...)
	message := new(big.Int).SetBytes(append(append(append(encoded, 0), info...), hash[:]...))
	signature, word := new(big.Int), new(big.Int)
	for _, p := range k.primes {
		rest := word.Mod(message, word.SetUint64(p.prime)).Uint64()
		word.SetUint64(power(rest, p.exponent, p.prime))
		signature.Add(signature, new(big.Int).Mul(word, p.part))
	}
	return signature.Mod(signature, k.public.N).FillBytes(make([]byte, k.public.Size()))
}

// power is base to the exponent, modulo a number above base.
func power(base, exponent, modulo uint64) uint64 {
	times := func(a, b uint64) uint64 {
		high, low := bits.Mul64(a, b)
		return bits.Rem64(high, low, modulo)
	}
	result := uint64(1)
	for ; exponent > 0; exponent >>= 1 {
		if exponent&1 == 1 {
			result = times(result, base)
		}
		base = times(base, base)
	}
	return result
}

// servePublicKey answers with the key that verifies tokens of the rpc dialect.
func servePublicKey(w http.ResponseWriter, _ *http.Request) {
	key := fastKey().public
	encode := base64.RawURLEncoding.EncodeToString
	WriteJSON(w, http.StatusOK, map[string]any{"keys": []map[string]string{
		{"kty": "RSA", "alg": "RS256", "n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes())},
	}})
}

// PublicKeyFile returns that key in PEM.
func PublicKeyFile() []byte {
	der, err := x509.MarshalPKIXPublicKey(&fastKey().public)
	if err != nil {
		panic(err) // an RSA key always has this form
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}
