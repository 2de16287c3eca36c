package sdk_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/sdk"
)

func TestWhatIsThereInPlaceOfJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body, encoding, want string
	}{
		{"nothing", "", "", "the body is empty"},
		{"blanks", " \r\n", "", "the body is empty"},
		{"a page", "\n<!doctype html><title>Log in</title>", "", "the body is no JSON, but HTML or XML"},
		{"text", "down for maintenance", "", "the body is no JSON"},
		{"half of it", `{"access_token":"a`, "", "the body is no JSON"},
		{"an encoding", "\x1b\x01", "br", "the body has a Content-Encoding that was not asked for"},
		{"a list", `[{"life":1}]`, "", "the body is JSON, but not of the expected shape"},
		{"a number", `1`, "", "the body is JSON, but not of the expected shape"},
		{"another type", `{"life":"long"}`, "", `the member "life" has an unexpected type`},
		{"what it should be", `{"life":1}`, "", ""},
		{"a mark in front", "\ufeff" + `{"life":1}`, "", ""},
		{"an encoding in name only", `{"life":1}`, "utf-8", ""},
	} {
		header := http.Header{}
		if c.encoding != "" {
			header.Set("Content-Encoding", c.encoding)
		}
		reply, err := exchange(t, answering(http.StatusOK, header, c.body), sdk.Call{Op: "try", Path: "/x"})
		if err != nil {
			t.Fatal(err)
		}
		var shape struct {
			Life int `json:"life"`
		}
		err = reply.JSON(&shape)
		if c.want == "" {
			if err != nil || shape.Life != 1 {
				t.Errorf("%s: %d, %v", c.name, shape.Life, err)
			}
			continue
		}
		want := "scripted try: not an answer of this dialect: " + c.want + ": the server answered 200 OK to GET /x"
		if !errors.Is(err, sdk.ErrProtocol) || err.Error() != want {
			t.Errorf("%s: %v, want %s", c.name, err, want)
		}
	}
}

func TestALoginWithAMarkInFront(t *testing.T) {
	t.Parallel()
	for dialect, member := range map[string]string{"session": "access_token", "form": "token", "rpc": "token_value", "scoped": "token"} {
		token, err := loginAnswered(t, dialect, "\ufeff"+`{"_id":"1","`+member+`":"abc"}`, "")
		if err != nil || token.Access.Reveal() != "abc" {
			t.Errorf("%s: %v, %v", dialect, token, err)
		}
	}
}

func TestWhereARedirectLeads(t *testing.T) {
	t.Parallel()
	const password = "Secret-In-A-Host"
	for location, want := range map[string]string{
		"":                                  "redirected: ",
		"/sessions/":                        "redirected to another path: ",
		"https://office.example:443/x":      "redirected to another path: ",
		"https://new.office.example/p?q=zz": "redirected to https://new.office.example: ",
		"http://office.example:8080/":       "redirected to http://office.example:8080: ",
		"//other.example":                   "redirected to https://other.example: ",
		"https://" + password + ".example":  "redirected: ",
		"https://\"quoted\".example":        "redirected: ",
		"mailto:me@example.com":             "redirected: ",
		":":                                 "redirected: ",
	} {
		header := http.Header{"Location": {location}}
		_, err := exchange(t, answering(http.StatusMovedPermanently, header, ""), sdk.Call{Op: "try", Method: "POST", Path: "/x", Form: url.Values{"pass": {password}}})
		want = "scripted try: " + want + "the server answered 301 Moved Permanently to POST /x"
		if !errors.Is(err, sdk.ErrRedirected) || err.Error() != want {
			t.Errorf("%q: %v, want %s", location, err, want)
		}
	}
}

func TestPlainHTTPToAPortOfTLS(t *testing.T) {
	t.Parallel()
	for body, wantsTLS := range map[string]bool{
		"Client sent an HTTP request to an HTTPS server.\n":              true,
		"<center>The plain HTTP request was sent to HTTPS port</center>": true,
		"You're speaking plain HTTP to an SSL-enabled server port.":      true,
		"Bad Request\nThis combination of host and port requires TLS.\n": true,
		`{"error":"wrong password"}`:                                     false,
	} {
		handler := answering(http.StatusBadRequest, nil, body)
		cause, words := sdk.ErrRefused, "refused"
		if wantsTLS {
			cause, words = sdk.ErrProtocol, "the server takes https only"
		}
		if err := overPlainHTTP(t, handler).Login(t.Context()); !errors.Is(err, cause) || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, want %v", body, err, cause)
		}
		if _, err := exchange(t, handler, sdk.Call{Op: "try", Path: "/x"}); !errors.Is(err, sdk.ErrRefused) {
			t.Errorf("%q over https: %v, want ErrRefused", body, err)
		}
	}
}
