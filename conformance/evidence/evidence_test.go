package evidence_test

import (
	"fmt"
	"net/http"
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
