package exchange

import (
	"net/http"
	"testing"
)

func TestBare(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ path, body, wantPath, wantBody string }{
		{"/users", "", "/users", ""},
		{"/login?token=abc", "", "/login", ""},
		{"/sessions", `{"session":{"email":"a","password":"b"}}`, "/sessions", "{}"},
		{"/login", "login=a&pass=b", "/login", ""},
		{"/grpc", `{"method":"a.B","data":{"password":"b"}}`, "/grpc", `{"method":"a.B","data":{}}`},
		{"/sessions", `{"session":`, "/sessions", ""},
	} {
		r := NewRequest("POST", tt.path, "Authorization", "Bearer abc", "X-Auth-Bearer", "abc", "X-Api-Key", "abc").WithBody("text/x", tt.body)
		got := r.bare()
		if got.Path != tt.wantPath || got.Body != tt.wantBody || got.Method != http.MethodPost {
			t.Errorf("%s %s becomes %s %s %s", tt.path, tt.body, got.Method, got.Path, got.Body)
		}
		if want := (http.Header{"Accept": {"application/json"}, "Content-Type": {"text/x"}}); len(got.Header) != len(want) || got.Header.Get("Content-Type") != "text/x" {
			t.Errorf("its header is %v, want %v", got.Header, want)
		}
	}
}

func TestShape(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) *Answer {
		return &Answer{Status: status, Body: body, Header: http.Header{"Content-Type": {"text/html"}}}
	}
	for _, tt := range []struct {
		one, other string
		same       bool
	}{
		{`{"token":"a","user":1}`, `{"user":2,"token":"b"}`, true},
		{`{"token":"a"}`, `{"error":"a"}`, false},
		{`[1]`, `[]`, true},
		{`[1]`, `{}`, false},
		{`<html>`, `<html>2`, true},
		{``, `{}`, false},
	} {
		if got := answer(200, tt.one).shape() == answer(200, tt.other).shape(); got != tt.same {
			t.Errorf("%s and %s are the same: %v", tt.one, tt.other, got)
		}
	}
	for body, want := range map[string]bool{`{"error_code":"AUTHENTICATE_CODE_OK"}`: true, `{"error_code":"AUTHENTICATE_CODE_WRONG_CREDENTIALS"}`: false, `{}`: true} {
		if got := answer(200, body).granted(); got != want {
			t.Errorf("%s is granted: %v", body, got)
		}
	}
	if answer(401, `{}`).granted() {
		t.Error("401 is granted")
	}
}
