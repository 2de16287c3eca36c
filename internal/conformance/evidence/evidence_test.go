package evidence_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

func TestSecretsHide(t *testing.T) {
	t.Parallel()
	var secrets evidence.Secrets
	secrets.Add("password", `p&"ss wörd`)
	secrets.Add("password", "")
	secrets.Add("token", "abc12345")
	secrets.Add("token", "abc12345def")
	secrets.Add("token", "abc12345")
	secrets.AddBasic("root", "x")
	for text, want := range map[string]string{
		`plain p&"ss wörd`:         "plain [password-1]",
		"p%26%22ss+w%C3%B6rd":      "[password-1-url]",
		"p%26%22ss+w%c3%b6rd":      "[password-1-url]",
		"p&%22ss%20w%C3%B6rd":      "[password-1-url]",
		`{"p":"p\u0026\"ss wörd"}`: `{"p":"[password-1-json]"}`,
		"abc12345def abc12345":     "[token-2] [token-1]",
		"Basic cm9vdDp4":           "Basic [basic-1]",
		"nothing":                  "nothing",
	} {
		if got := secrets.Hide(text); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
	if got := (*evidence.Secrets)(nil).Hide("abc"); got != "abc" {
		t.Errorf("no secrets hide %q", got)
	}
}

func TestLogHidesEverywhere(t *testing.T) {
	t.Parallel()
	const secret = "s3cret"
	var secrets evidence.Secrets
	var log evidence.Log
	log.Add(evidence.Exchange{
		URL: "/" + secret, RequestHeader: http.Header{"A": {secret}}, RequestBody: secret,
		ResponseHeader: http.Header{"B": {"x", secret}}, ResponseBody: secret, Error: secret, Status: "200",
	})
	secrets.Add("token", secret) // known only after the exchange
	if text := fmt.Sprintf("%+v", log.Exchanges(&secrets)); strings.Contains(text, secret) || strings.Count(text, "[token-1]") != 6 {
		t.Errorf("got %s", text)
	}
}

func TestEndsOfALongLog(t *testing.T) {
	t.Parallel()
	var log evidence.Log
	began := time.Now()
	for i := 99; i >= 0; i-- { // in the order in which they ended
		log.Add(evidence.Exchange{URL: fmt.Sprint(i), Began: began.Add(time.Duration(i))})
	}
	if last, found := log.Last(); !found || last.URL != "0" {
		t.Errorf("%+v ended last", last)
	}
	shown, dropped := evidence.Ends(log.Exchanges(nil))
	if len(shown) != 40 || dropped != 60 || shown[0].URL != "0" || shown[19].URL != "19" || shown[20].URL != "80" || shown[39].URL != "99" {
		t.Errorf("showed %d, dropped %d: %+v", len(shown), dropped, shown)
	}
	if shown, dropped = evidence.Ends(shown); len(shown) != 40 || dropped != 0 {
		t.Errorf("of 40 it showed %d and dropped %d", len(shown), dropped)
	}
}

func TestAbbreviate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		strings.Repeat("a", 1023):                            strings.Repeat("a", 1023),
		`{"x":"` + strings.Repeat("a", 8<<20) + `","y":1}`:   `{"x":"[8388608 × a]","y":1}`,
		strings.Repeat("a", 1024) + strings.Repeat("b", 2e3): "[1024 × a][2000 × b]",
		strings.Repeat(" ", 3000):                            strings.Repeat(" ", 3000),
		strings.Repeat("ab", 3000):                           strings.Repeat("ab", 3000),
	} {
		got := evidence.Abbreviate(text)
		if got != want {
			t.Errorf("%.20q… became %.50q, not %.50q", text, got, want)
		}
		for place, n, c := evidence.Filler(got); place != nil; place, n, c = evidence.Filler(got) {
			got = got[:place[0]] + strings.Repeat(c, n) + got[place[1]:]
		}
		if got != text {
			t.Errorf("%.20q… cannot be had back", text)
		}
	}
}

// TestFillerOfNoLength: a number that no length can be abbreviates nothing.
func TestFillerOfNoLength(t *testing.T) {
	t.Parallel()
	const text = "[99999999999999999999 × a]"
	if place, n, c := evidence.Filler(text); place != nil || n != 0 || c != "" {
		t.Errorf("%q stands for %d times %q", text, n, c)
	}
}

// TestOtherCase: whatever the text, the other one differs from it.
func TestOtherCase(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"aB-1": "Ab-1", "größe": "GRÖßE", "123": "123X", "": "X"} {
		if got := evidence.OtherCase(text); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	var secrets evidence.Secrets
	var log evidence.Log
	var users sync.WaitGroup
	for i := range 8 {
		users.Go(func() {
			for j := range 20 {
				secrets.Add("token", fmt.Sprintf("secret-%d-%d", i, j))
				log.Add(evidence.Exchange{RequestBody: fmt.Sprintf("secret-%d-%d", i, j)})
				log.Exchanges(&secrets)
				log.Last()
			}
		})
	}
	users.Wait()
	kept := log.Exchanges(&secrets)
	if len(kept) != 160 || strings.Contains(fmt.Sprint(kept), "secret") {
		t.Errorf("kept %d", len(kept))
	}
}

// TestSecretsHideInOtherWriting holds what a server may make of a secret.
func TestSecretsHideInOtherWriting(t *testing.T) {
	t.Parallel()
	const secret = `s/cret+"1" & <größe>`
	var secrets evidence.Secrets
	secrets.Add("token", secret)
	for text, want := range map[string]string{
		"s%2fcret%2b%221%22+%26+%3cgr%c3%b6%c3%9fe%3e":                           "[token-1-url]",
		"s%252Fcret%252B%25221%2522%2B%2526%2B%253Cgr%25C3%25B6%25C3%259Fe%253E": "[token-1-url]",
		`{"a":"s\/cret+\"1\" & <größe>"}`:                                        `{"a":"[token-1-json]"}`,
		`"s/cret+\"1\" & <gr\u00f6\u00dfe>"`:                                     `"[token-1-json]"`,
		`got "{\"a\":\"s/cret+\\\"1\\\" & <größe>\"}"`:                           `got "{\"a\":\"[token-1-quoted]\"}"`,
		"s/cret+&#34;1&#34; &amp; &lt;größe&gt;":                                 "[token-1-html]",
		"cy9jcmV0KyIxIiAmIDxncsO2w59lPg==":                                       "[token-1-base64]",
		"732f637265742b2231222026203c6772c3b6c39f653e":                           "[token-1-hex]",
		"the front of it: s/cret+\"1… (900 bytes in all)":                        "the front of it: [token-1]… (900 bytes in all)",
		"no front: s/cret… s/c":                                                  "no front: s/cret… s/c",
	} {
		if got := secrets.Hide(text); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
	for _, around := range []string{"", "u:", "us:", "use:"} { // inside base64, at every place in a group
		encoded := base64.StdEncoding.EncodeToString([]byte(around + secret + "!"))
		if got := secrets.Hide(encoded); !strings.Contains(got, "[token-1-base64]") || len(got) > len(around)*2+30 {
			t.Errorf("%q became %q", encoded, got)
		}
	}
}

func TestDerive(t *testing.T) {
	t.Parallel()
	var secrets evidence.Secrets
	secrets.AddFrom("dialects.form.accounts.full.password", "password", "correct horse")
	secrets.AddBasic("root", "correct horse")
	secrets.Add("password", "correct horsex")
	secrets.Add("token", "0123456789abcdef")
	secrets.Add("made-up-token", "01234***89abcdef")
	secrets.Add("token", "aaaa.bbbb.cccc")
	secrets.Add("made-up-token", "xxxxxxxxxxx.bbbb.")
	secrets.Add("made-up-token", "nothing of the kind")
	secrets.AddForged("yyyy.bbbb.zzzz", []byte("key"))
	secrets.AddForged("aaaa.bbbb.zzzz", []byte("key"))
	secrets.Add("made-up-password", "CORRECT HORSE")
	from := []string{"password-1", "token-1", "token-2"}
	for name, want := range map[string]evidence.Derivation{
		"password-1":         {Origin: "dialects.form.accounts.full.password"},
		"basic-1":            {Basic: "root:[password-1]"},
		"password-2":         {From: "password-1", Front: 13, Middle: "x", Length: 14},
		"made-up-token-1":    {From: "token-1", Front: 5, Cut: 3, Back: 8, Middle: "***", Length: 16},
		"made-up-token-2":    {From: "token-2", Parts: []evidence.Part{{Text: "xxxxxxxxxxx"}, {Same: true}, {}}, Length: 17},
		"made-up-token-3":    {Length: 19},
		"made-up-token-4":    {From: "token-2", Parts: []evidence.Part{{Text: "yyyy"}, {Same: true}, {Text: "zzzz"}}, HMAC: []byte("key"), Length: 14},
		"made-up-token-5":    {From: "token-2", Parts: []evidence.Part{{Text: "aaaa"}, {Same: true}, {Text: "zzzz"}}, HMAC: []byte("key"), Length: 14},
		"made-up-password-1": {From: "password-1", OtherCase: true},
		"token-9":            {},
	} {
		if got := secrets.Derive(name, from); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, not %+v", name, got, want)
		}
	}
	if got := (*evidence.Secrets)(nil).Derive("token-1", nil); !reflect.DeepEqual(got, evidence.Derivation{}) {
		t.Errorf("no secrets explain %+v", got)
	}
}

// TestDeriveShowsNoGrantedToken: tokens of one server share their header, and
// none may be explained by what is different in another.
func TestDeriveShowsNoGrantedToken(t *testing.T) {
	t.Parallel()
	var secrets evidence.Secrets
	secrets.Add("token", "header.claims-of-ann.signature-of-ann")
	secrets.Add("token", "header.other-claims-of-bob.mac-of-bob")
	secrets.Add("token", "header.claims-of-ann.signature-of-eve")
	secrets.Add("made-up-token", "header.changed.mac-of-bob") // bob's claims, changed
	from := []string{"token-1", "token-2", "token-3"}
	for _, name := range from {
		if got := secrets.Derive(name, from); !reflect.DeepEqual(got, evidence.Derivation{}) {
			t.Errorf("%s is explained as %+v", name, got)
		}
	}
	want := evidence.Derivation{From: "token-2", Parts: []evidence.Part{{Same: true}, {Text: "changed"}, {Same: true}}, Length: 25}
	if got := secrets.Derive("made-up-token-1", from); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, not %+v", got, want)
	}
	if got := secrets.Derive("made-up-token-1", []string{"token-1"}); got.Parts != nil {
		t.Errorf("by another's token it is explained as %+v", got)
	}
}

func FuzzHide(f *testing.F) {
	f.Add("pass word", "{\"p\":\"pass word\"}")
	f.Add("a/b+c&d\"e", "a%2Fb…")
	f.Fuzz(func(t *testing.T, secret, around string) {
		var secrets evidence.Secrets
		secrets.Add("x", secret)
		if len(secret) < 8 || strings.Contains("[x-1-quoted-base64]", secret) {
			return
		}
		if got := secrets.Hide(around + secret + around); strings.Contains(got, secret) {
			t.Errorf("%q shows %q", got, secret)
		}
	})
}
