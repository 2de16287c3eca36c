package account_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/reference/account"
)

func TestHashersVerifyTheirOwn(t *testing.T) {
	t.Parallel()
	for name, hasher := range map[string]account.Hasher{"argon2id": account.Argon2id{}, "fast": account.FastHasher{}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, err1 := hasher.Hash("right")
			other, err2 := hasher.Hash("right")
			if err1 != nil || err2 != nil || one == other || strings.Contains(one, "right") {
				t.Fatalf("two hashes of one password are %q and %q (%v, %v)", one, other, err1, err2)
			}
			for password, want := range map[string]bool{"right": true, "Right": false, "": false, "right ": false} {
				if got, err := hasher.Verify(one, password); got != want || err != nil {
					t.Errorf("Verify(%q) is %v (%v), want %v", password, got, err, want)
				}
			}
		})
	}
}

// TestVerifyOfAPublishedHash checks the PHC string that the reference
// implementation's own tests print for m=65536, t=2, p=1.
func TestVerifyOfAPublishedHash(t *testing.T) {
	t.Parallel()
	const published = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if right, err := (account.Argon2id{}).Verify(published, "password"); !right || err != nil {
		t.Errorf("Verify is %v (%v), want true", right, err)
	}
}

func TestVerifyRejectsWhatIsNoHash(t *testing.T) {
	t.Parallel()
	const salt, key = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for _, hash := range []string{
		"", "password", "$argon2id$", "$argon2i$v=19$m=65536,t=2,p=1$" + salt + "$" + key, "$argon2id$v=16$m=65536,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=65536,t=2$" + salt + "$" + key, "$argon2id$v=19$m=65536,t=2,p=1,x$" + salt + "$" + key, "$argon2id$v=19$m=+65536,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=4294967295,t=2,p=1$" + salt + "$" + key, "$argon2id$v=19$m=65536,t=0,p=1$" + salt + "$" + key, "$argon2id$v=19$m=65536,t=99,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=65536,t=2,p=0$" + salt + "$" + key, "$argon2id$v=19$m=8,t=2,p=2$" + salt + "$" + key, "$argon2id$v=19$m=65536,t=2,p=1$!$" + key,
		"$argon2id$v=19$m=65536,t=2,p=1$" + salt + "$", "$argon2id$v=19$m=65536,t=2,p=1$" + salt + "$!", "$argon2id$v=19$m=65536,t=2,p=1$c29t$" + key,
	} {
		if _, err := (account.Argon2id{}).Verify(hash, "password"); !errors.Is(err, account.ErrHash) {
			t.Errorf("Verify of %q: the error is %v, want ErrHash", hash, err)
		}
	}
	for _, hash := range []string{"", "$fast-sha256$", "$fast-sha256$!$00", "password", "$argon2id$v=19"} {
		if _, err := (account.FastHasher{}).Verify(hash, "password"); !errors.Is(err, account.ErrHash) {
			t.Errorf("fast Verify of %q: the error is %v, want ErrHash", hash, err)
		}
	}
}

func TestHashNeedsRandomness(t *testing.T) {
	t.Parallel()
	for _, hasher := range []account.Hasher{account.Argon2id{Rand: strings.NewReader("")}, account.FastHasher{Rand: strings.NewReader("")}} {
		if hash, err := hasher.Hash("x"); err == nil {
			t.Errorf("%T without randomness made %q", hasher, hash)
		}
	}
}

func FuzzVerify(f *testing.F) {
	hash, err := account.FastHasher{}.Hash("password")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(hash)
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if right, err := (account.FastHasher{}).Verify(text, "other"); right || err != nil && !errors.Is(err, account.ErrHash) {
			t.Errorf("fast Verify(%q) is %v (%v)", text, right, err)
		}
		if strings.Contains(text, "m=8,t=1,") { // others take memory and time
			if right, err := (account.Argon2id{}).Verify(text, "other"); right || err != nil && !errors.Is(err, account.ErrHash) {
				t.Errorf("Verify(%q) is %v (%v)", text, right, err)
			}
		}
	})
}
