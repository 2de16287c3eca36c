package account

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
)

// maxPassword bounds what is hashed, in bytes. Longer passwords are wrong.
const maxPassword = 1024

// Hasher turns passwords into hashes that are safe to store, and checks passwords
// against them. Implementations are safe for concurrent use.
type Hasher interface {
	// Hash returns a new salted hash.
	Hash(password string) (string, error)
	// Verify says whether the hash is that of the password. It returns an error
	// only when this kind of Hasher did not make the hash.
	Verify(hash, password string) (bool, error)
}

// Rehasher is a [Hasher] that recognises a hash with weaker parameters than it uses
// now. A [Directory] replaces such a hash at the next login.
type Rehasher interface {
	Hasher
	// Outdated says whether a hash is weaker than a new one.
	Outdated(hash string) bool
}

// The cost of one argon2id hash (OWASP's second recommended setting).
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonThreads = 1
	argonSalt    = 16
	argonKey     = 32
)

// ErrHash says that a text is not a password hash of the expected kind.
var ErrHash = errors.New("not a password hash of this kind")

// Argon2id hashes with argon2id: 19 MiB, two passes, one lane. A hash is the PHC
// string "$argon2id$v=19$m=19456,t=2,p=1$salt$key". It verifies hashes with
// other parameters too, up to 256 MiB and 16 passes; those with less memory or
// fewer passes are outdated. The zero value is ready to use.
type Argon2id struct {
	// Rand is the source of salts; nil is crypto/rand.
	Rand io.Reader
}

var _ Rehasher = Argon2id{}

// Hash implements [Hasher].
func (a Argon2id) Hash(password string) (string, error) {
	salt, err := newSalt(a.Rand, argonSalt)
	if err != nil {
		return "", err
	}
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		argonMemory, argonTime, argonThreads, base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

// Verify implements [Hasher].
func (Argon2id) Verify(hash, password string) (bool, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false, fmt.Errorf("read an argon2id hash: %w", ErrHash)
	}
	var memory, passes uint32
	var threads uint8
	const parameters = "m=%d,t=%d,p=%d"
	if _, err := fmt.Sscanf(parts[3], parameters, &memory, &passes, &threads); err != nil ||
		fmt.Sprintf(parameters, memory, passes, threads) != parts[3] { // Sscanf tolerates signs, zeros and a rest
		return false, fmt.Errorf("read the parameters of an argon2id hash: %w", ErrHash)
	}
	if passes < 1 || passes > 16 || threads < 1 || memory < 8*uint32(threads) || memory > 256*1024 {
		return false, fmt.Errorf("argon2id parameters %s are out of bounds: %w", parts[3], ErrHash)
	}
	salt, err := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	if err != nil || len(salt) < 8 {
		return false, fmt.Errorf("read the salt of an argon2id hash: %w", ErrHash)
	}
	want, err := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if err != nil || len(want) < 16 || len(want) > 128 {
		return false, fmt.Errorf("read the key of an argon2id hash: %w", ErrHash)
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(want))) //nolint:gosec // at most 128, see above
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// Outdated implements [Rehasher].
func (Argon2id) Outdated(hash string) bool {
	var version, memory, passes, threads uint32
	_, err := fmt.Sscanf(hash, "$argon2id$v=%d$m=%d,t=%d,p=%d$", &version, &memory, &passes, &threads)
	return err == nil && (memory < argonMemory || passes < argonTime)
}

// FastHasher hashes with one round of salted SHA-256: for mocks and tests that log in
// hundreds of times. It does not protect a stolen file of hashes. It also
// verifies hashes of [Argon2id], so that a store may hold both. The zero value
// is ready to use.
type FastHasher struct {
	// Rand is the source of salts; nil is crypto/rand.
	Rand io.Reader
}

var _ Hasher = FastHasher{}

const fastPrefix = "$fast-sha256$"

// Hash implements [Hasher].
func (f FastHasher) Hash(password string) (string, error) {
	salt, err := newSalt(f.Rand, 16)
	if err != nil {
		return "", err
	}
	return fastHash(salt, password), nil
}

// Verify implements [Hasher].
func (FastHasher) Verify(hash, password string) (bool, error) {
	if strings.HasPrefix(hash, "$argon2id$") {
		return Argon2id{}.Verify(hash, password)
	}
	text, found := strings.CutPrefix(hash, fastPrefix)
	encoded, _, cut := strings.Cut(text, "$")
	salt, err := base64.RawStdEncoding.DecodeString(encoded)
	if !found || !cut || err != nil {
		return false, fmt.Errorf("read a fast hash: %w", ErrHash)
	}
	return subtle.ConstantTimeCompare([]byte(fastHash(salt, password)), []byte(hash)) == 1, nil
}

func fastHash(salt []byte, password string) string {
	sum := sha256.Sum256(append(append([]byte{}, salt...), password...))
	return fmt.Sprintf("%s%s$%x", fastPrefix, base64.RawStdEncoding.EncodeToString(salt), sum)
}

func newSalt(from io.Reader, size int) ([]byte, error) {
	if from == nil {
		from = rand.Reader
	}
	salt := make([]byte, size)
	if _, err := io.ReadFull(from, salt); err != nil {
		return nil, fmt.Errorf("draw a salt: %w", err)
	}
	return salt, nil
}
