package main

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"hash/maphash"
	"strings"
	"sync"
	"time"
)

// After so many wrong passwords in a row an account has to wait (SEC-03).
const (
	attempts = 10
	pause    = 30 * time.Second
)

// accounts are logins and the hashes of their passwords.
type accounts struct {
	cost   int
	salt   []byte
	hashes map[string][]byte
	seed   maphash.Seed

	guesses [4096]guesses // bounded, whatever names are tried; some names share one
}

// guesses are the wrong passwords of a name. Its lock is held while a password is hashed:
// an account is tried by one login at a time, so guesses at once are counted, too.
type guesses struct {
	mu    sync.Mutex
	wrong int
	until time.Time
}

func newAccounts(passwords map[string]string, forTests bool) *accounts {
	a := &accounts{cost: 600_000, salt: []byte(rand.Text()), hashes: map[string][]byte{}, seed: maphash.MakeSeed()}
	if forTests {
		a.cost = 100
	}
	for login, password := range passwords {
		a.hashes[strings.ToLower(login)] = a.hash(password)
	}
	return a
}

func (a *accounts) hash(password string) []byte {
	key, err := pbkdf2.Key(sha256.New, password, a.salt, a.cost, sha256.Size)
	if err != nil {
		panic(err) // the length of the key is a constant
	}
	return key
}

// check says whether login and password are right, or how long to wait. It takes as long
// for a login that there is not, and counts guesses at it alike.
func (a *accounts) check(login, password string, now time.Time) (wait time.Duration, ok bool) {
	login = strings.ToLower(login)
	at := &a.guesses[maphash.String(a.seed, login)%uint64(len(a.guesses))]
	at.mu.Lock()
	defer at.mu.Unlock()
	if now.Before(at.until) {
		return at.until.Sub(now), false
	}
	want, known := a.hashes[login]
	if subtle.ConstantTimeCompare(a.hash(password), want) == 1 && known {
		at.wrong = 0
		return 0, true
	}
	if at.wrong++; at.wrong >= attempts {
		at.wrong, at.until = 0, now.Add(pause)
	}
	return 0, false
}
