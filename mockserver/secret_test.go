package mockserver_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// TestSecretsInOddPlaces sends secrets spelt and placed as few clients do.
func TestSecretsInOddPlaces(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	mock := mockserver.New(t)
	for _, send := range [][]string{
		{"GET", "/users", "", "Cookie: sid=" + secret + "; theme=dark"},
		{"GET", "/users", "", "Authorization: " + secret + " x"},
		{"GET", "/users", "", "X-Auth-Token: " + secret},
		{"GET", "/users", "", "X-Password: " + secret},
		{"GET", "/users", "", "Referer: http://x.example/?a=b&token=" + secret},
		{"POST", "/sessions", `{"session":{"email":"x","pass\u0077ord":"` + secret + `"}}`},
		{"POST", "/sessions", `{"session":{"email":"x","password":["a","` + secret + `"]}}`},
		{"POST", "/tokens", `{"refresh_token":{"value":{"x":"` + secret + `"}}}`},
		{"POST", "/users", `{"new_password":"` + secret + `"}`},
		{"POST", "/users", `{"password":"` + secret + `"`},
		{"POST", "/users", `<password>` + secret + `</password>`},
		{"POST", "/elsewhere", `{"password":"` + secret + `"`},
		{"POST", "/login", "login=root&p%61ss=" + secret},
		{"POST", "/login", "user[password]=" + secret},
		{"GET", "/login&token=x&pass=" + secret, ""},
		{"GET", "/items?t%6Fken=" + secret, ""},
		{"GET", "/items?client_secret=" + secret, ""},
		{"GET", "/items?next=http://x.example/?token=" + secret, ""},
	} {
		before := len(mock.Requests())
		ask(t, mock.Client(), mock, send[0], send[1], send[2], send[3:]...)
		var archive bytes.Buffer
		if err := mock.WriteHAR(&archive); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(archive.String(), secret) {
			t.Errorf("%q: the journal holds the secret: %+v", send, mock.Requests()[before])
			mock.Reset()
		}
	}
	issued := issue(t, mock, "session").Access
	for token, send := range map[string][]string{
		issued:                nil,
		"never-issued":        {"Authorization: Bearer never-issued"},
		"needs/escaping+here": {"Authorization: Bearer needs/escaping+here"},
	} {
		for _, path := range []string{token, url.PathEscape(token), "a" + url.QueryEscape(token) + "b"} {
			if token == issued && path != token {
				continue // nobody presented it, and it is no segment
			}
			ask(t, mock.Client(), mock, "GET", "/users/"+path, "", send...)
			list := mock.Requests()
			if path := list[len(list)-1].Path; strings.Contains(path, token) || strings.Contains(path, url.QueryEscape(token)) {
				t.Errorf("the journal holds a token: %s", path)
			}
		}
	}
}

// TestMaskedJSON masks values, and leaves the rest as it stands.
func TestMaskedJSON(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		` { "a" : [ 1 , {"token" : "x"} , null ] , "longtoken":true }`: ` { "a" : [ 1 , {"token" : "[token-1]"} , null ] , "longtoken":true }`,
		`{"token":["x",{"a":"y","token":""}],"b":"x1"}`:                `{"token":["[token-1]",{"a":"[token-2]","token":""}],"b":"x1"}`,
		`{"password":12,"token_name":"auth_token","c":{}}`:             `{"password":"[password-1]","token_name":"auth_token","c":{}}`,
		`"text" `: `"text" `,
	} {
		mock := mockserver.New(t, mockserver.WithMemory())
		ask(t, mock.Client(), mock, "POST", "/users", body)
		if got := mock.Requests()[0].RequestBody; got != want {
			t.Errorf("%s is shown as\n%s, want\n%s", body, got, want)
		}
	}
}
