package evidence_test

import (
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// TestWordsStay: a password that is a word of somebody else's is hidden where it
// is the password, and nowhere else.
func TestWordsStay(t *testing.T) {
	t.Parallel()
	var secrets evidence.Secrets
	secrets.AddLogin("root@example.com")
	for _, password := range []string{"login", "a", "root", "password", "hunter2", "sesameopen", "root@example.com"} {
		secrets.Add("password", password)
	}
	for text, want := range map[string]string{
		"/login?login=root&pass=login":                        "/login?login=root&pass=[password-1]",
		"login=login&pass=a":                                  "login=[password-1]&pass=[password-2]",
		`{"login":"a","password":"a"}`:                        `{"login":"[password-2]","password":"[password-2]"}`,
		`{"user":"root","name" : "root","pass":"root"}`:       `{"user":"root","name" : "root","pass":"[password-3]"}`,
		`{"email":"root@example.com","x":"root@example.com"}`: `{"email":"root@example.com","x":"[password-7]"}`,
		`{"password":"password","error":"wrong password"}`:    `{"password":"[password-4]","error":"wrong password"}`,
		`{"error":"a login with hunter2 failed"}`:             `{"error":"a login with [password-5] failed"}`,
		"hunter23 is another":                                 "hunter23 is another",
		`{"sesameopen":"so: sesameopen!"}`:                    `{"sesameopen":"so: [password-6]!"}`,
		`"{\"pass\":\"login\"}"`:                              `"{\"pass\":\"[password-1]\"}"`,
		"a":                                                   "[password-2]",
		"a token in Authorization: Bearer a":                  "a token in Authorization: Bearer [password-2]",
		"POST /tokens":                                        "POST /tokens",
	} {
		if got := secrets.Hide(text); got != want {
			t.Errorf("%s\nbecame %s\nnot    %s", text, got, want)
		}
	}
}

// TestHideIn leaves the judge's own words alone, but for what is a secret and
// nothing else.
func TestHideIn(t *testing.T) {
	t.Parallel()
	var secrets evidence.Secrets
	for _, password := range []string{"login", "expected", "sesameopen", "hunter2", "long enough, and 1 odd"} {
		secrets.Add("password", password)
	}
	for text, want := range map[string]string{
		"expected the login to be refused, got " + evidence.Quote(`{"pass":"login"}`):                     `expected the login to be refused, got "{\"pass\":\"[password-1]\"}"`,
		"sesameopen, got " + evidence.Quote("so: sesameopen\x1b[31m") + " and " + evidence.Quote("login"): `sesameopen, got "so: [password-3]\x1b[31m" and "[password-1]"`,
		"it says hunter2 and long enough, and 1 odd":                                                      "it says [password-4] and [password-5]",
		"cut off in " + evidence.Quote("hunter2")[:10]:                                                    `cut off in "[password-4]"`,
		"a mark inside " + evidence.Quote(evidence.Quote("x")):                                            "a mark inside \"\uFFFDx\uFFFD\"",
	} {
		if got := secrets.HideIn(text); got != want {
			t.Errorf("%q\nbecame %s\nnot    %s", text, got, want)
		}
	}
	if got := (*evidence.Secrets)(nil).HideIn("got " + evidence.Quote("a\n")); got != `got "a\n"` {
		t.Errorf("no secrets make %s", got)
	}
}
