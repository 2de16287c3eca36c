package evidence_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/evidence"
)

func TestSecretsHide(t *testing.T) {
	t.Parallel()
	var secrets evidence.Secrets
	secrets.Add("password", `p&"ss wörd`)
	secrets.Add("password", "")
	secrets.Add("token", "abc")
	secrets.Add("token", "abcdef")
	secrets.Add("token", "abc")
	secrets.AddBasic("root", "x")
	for text, want := range map[string]string{
		`plain p&"ss wörd`:         "plain [password-1]",
		"p%26%22ss+w%C3%B6rd":      "[password-1-url]",
		"p%26%22ss+w%c3%b6rd":      "[password-1-url]",
		"p&%22ss%20w%C3%B6rd":      "[password-1-url]",
		`{"p":"p\u0026\"ss wörd"}`: `{"p":"[password-1-json]"}`,
		"abcdef abc":               "[token-2] [token-1]",
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
	kept, dropped := log.Exchanges(&secrets)
	if text := fmt.Sprintf("%+v", kept); strings.Contains(text, secret) || strings.Count(text, "[token-1]") != 6 || dropped != 0 {
		t.Errorf("got %s", text)
	}
}

func TestLongLogKeepsItsEnds(t *testing.T) {
	t.Parallel()
	var log evidence.Log
	for i := range 100 {
		log.Add(evidence.Exchange{URL: fmt.Sprint(i)})
	}
	kept, dropped := log.Exchanges(nil)
	if len(kept) != 40 || dropped != 60 || kept[0].URL != "0" || kept[19].URL != "19" || kept[20].URL != "80" || kept[39].URL != "99" {
		t.Errorf("kept %d, dropped %d: %+v", len(kept), dropped, kept)
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
			}
		})
	}
	users.Wait()
	kept, dropped := log.Exchanges(&secrets)
	if len(kept)+dropped != 160 || strings.Contains(fmt.Sprint(kept), "secret") {
		t.Errorf("kept %d, dropped %d", len(kept), dropped)
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
	secrets.Add("made-up-token", "01234XXX89abcdef")
	secrets.Add("token", "aaaa.bbbb.cccc")
	secrets.Add("made-up-token", "xxxxxxxxxxx.bbbb.")
	secrets.Add("made-up-token", "nothing of the kind")
	from := []string{"password-1", "token-1", "token-2"}
	for name, want := range map[string]evidence.Derivation{
		"password-1":      {Origin: "dialects.form.accounts.full.password"},
		"basic-1":         {Basic: "root:[password-1]"},
		"password-2":      {From: "password-1", Front: 13, Middle: "x", Length: 14},
		"made-up-token-1": {From: "token-1", Front: 5, Back: 8, Middle: "XXX", Length: 16},
		"made-up-token-2": {From: "token-2", Parts: []evidence.Part{{Text: "xxxxxxxxxxx"}, {Same: true}, {}}, Length: 17},
		"made-up-token-3": {Length: 19},
		"token-9":         {},
	} {
		if got := secrets.Derive(name, from); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, not %+v", name, got, want)
		}
	}
	if got := (*evidence.Secrets)(nil).Derive("token-1", nil); !reflect.DeepEqual(got, evidence.Derivation{}) {
		t.Errorf("no secrets explain %+v", got)
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
