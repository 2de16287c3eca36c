package account_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/reference/account"
)

// TestPasswordsInAnyForm: a password is the same however a keyboard composes it, and
// another one where that is more than its form.
func TestPasswordsInAnyForm(t *testing.T) {
	t.Parallel()
	const composed, decomposed = "p\u00e4ss w\u00f6rd", "pa\u0308ss\u00a0wo\u0308rd"
	s := newShelf(t)
	s.must(t, s.Add(t.Context(), account.Account{Login: "composed", Password: composed}))
	s.must(t, s.Add(t.Context(), account.Account{Login: "changed", Password: "first"}))
	s.must(t, s.SetPassword(t.Context(), "changed", decomposed))
	fixed := newDirectory(t, account.Config{Accounts: []account.Account{{Login: "fixed", Password: decomposed}}})
	for _, password := range []string{composed, decomposed} {
		s.login(t, "composed", password, nil)
		s.login(t, "changed", password, nil)
		if _, err := fixed.Verify(t.Context(), try("fixed"), password); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
	for _, other := range []string{"pass word", "P\u00e4ss w\u00f6rd", composed + " ", "p\u00e4ss\x00w\u00f6rd"} {
		s.login(t, "composed", other, account.ErrWrongCredentials)
	}
	for _, bad := range []string{"", "tab\tbed", "bell\a", strings.Repeat("x", 1025), strings.Repeat("\u0958", 300)} {
		if err := s.SetPassword(t.Context(), "changed", bad); err == nil {
			t.Errorf("the password %.20q is taken", bad)
		}
	}
}

// TestAPasswordThatCannotBeSet has a character that newer programs refuse: its imported
// hash is compared with what was typed.
func TestAPasswordThatCannotBeSet(t *testing.T) {
	t.Parallel()
	hash, err := account.FastHasher{}.Hash("tab\tbed")
	if err != nil {
		t.Fatal(err)
	}
	d := newDirectory(t, account.Config{Accounts: []account.Account{{Login: "old", PasswordHash: hash}}})
	if _, err := d.Verify(t.Context(), try("old"), "tab\tbed"); err != nil {
		t.Error(err)
	}
}

func TestNamesThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for name, want := range map[string]string{
		"ann  smith":              "is no name",
		" ann":                    "is no name",
		"ann ":                    "is no name",
		"ann\u00a0smith":          "is no name",
		"ann\u202e":               "is no name", // turns the direction of what follows
		"ann\x1b[2J":              "is no name",
		"\u0430nna":               "mixes letters of Cyrillic and Latin",
		"\u03bfscar":              "mixes letters of Greek and Latin",
		"p\u0430ul@example.com":   "mixes letters of Cyrillic and Latin",
		"paul@ex\u0430mple.com":   "mixes letters of Cyrillic and Latin",
		strings.Repeat("x", 257):  "longer than 256 bytes",
		"\u05d0a\u05d1":           "is no name", // RFC 5893: one direction
		"zoe\u0308\u0308\u200bx1": "is no name",
	} {
		for _, a := range []account.Account{{Login: name, Password: "x"}, {Login: "login", Email: name, Password: "x"}} {
			if err := s.Add(t.Context(), a); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: the error is %v, want %s", name, err, want)
			}
		}
	}
	for _, name := range []string{"zo\u00eb", "\u0438\u0432\u0430\u043d", "\u0438\u0432\u0430\u043d@example.com", "\u7530\u4e2d\u30bf\u30ed\u3046a", "a.b-c_d+1", "zo\u00eb smith", "\uae40\u91d1"} {
		s.must(t, s.Add(t.Context(), account.Account{Login: name, Password: "x"}))
		s.login(t, strings.ToUpper(name), "x", nil)
	}
}

// TestCrossingNames: no login is the e-mail address of another account, neither in the
// store nor in the configuration.
func TestCrossingNames(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for _, a := range []account.Account{
		{Login: "Ann@Example.com", Password: "x"},
		{Login: "crossing", Email: "ANN", Password: "x"},
	} {
		if err := s.Add(t.Context(), a); !errors.Is(err, account.ErrTaken) {
			t.Errorf("%s with %s is added (%v)", a.Login, a.Email, err)
		}
	}
	first := account.Account{Login: "first", Email: "one@example.com", Password: "x"}
	for want, second := range map[string]account.Account{
		"two accounts have the login":       {Login: "FIRST", Password: "x"},
		"two accounts have the e-mail":      {Login: "second", Email: "One@example.com", Password: "x"},
		"is the e-mail address of account":  {Login: "one@EXAMPLE.com", Email: "two@example.com", Password: "x"},
		"is the login of another account":   {Login: "second", Email: "First", Password: "x"},
		"mixes letters of Cyrillic and Lat": {Login: "f\u0456rst", Password: "x"},
	} {
		cfg := account.Config{Accounts: []account.Account{first, second}, Limiter: newLimiter(t, account.Throttle{}, stopped())}
		if _, err := account.NewDirectory(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s beside %s: the error is %v, want %s", second.Login, first.Login, err, want)
		}
	}
}

func FuzzSameName(f *testing.F) {
	for _, pair := range [][2]string{{"root", "ROOT"}, {"zo\u00eb", "zoe\u0308"}, {"\uff52", "r"}, {"a b", "A B"}, {"\xff", "\xfe"}, {"\u1e9e", "\u00df"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if account.SameName(a, b) != account.SameName(b, a) || !account.SameName(a, a) {
			t.Errorf("%q and %q are the same in one order only", a, b)
		}
	})
}
