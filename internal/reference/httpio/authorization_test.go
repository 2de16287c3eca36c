package httpio_test

import (
	"net/http"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
)

// TestBearer reads the header by the grammar of RFC 9110 sections 11.2 and 11.4.
func TestBearer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		headers []string
		token   string
		found   bool
	}{
		{nil, "", false},
		{[]string{"Bearer abc"}, "abc", true},
		{[]string{"bearer abc"}, "abc", true},
		{[]string{"BEARER   abc"}, "abc", true},
		{[]string{"Bearer a-b._c~d+e/f=="}, "a-b._c~d+e/f==", true},
		{[]string{"Basic abc"}, "", true},
		{[]string{"Bearer"}, "", true},
		{[]string{"Bearer "}, "", true},
		{[]string{""}, "", true},
		{[]string{" Bearer abc"}, "", true},
		{[]string{"Bearer\tabc"}, "", true},
		{[]string{"Bearer abc "}, "", true},
		{[]string{"Bearer a b"}, "", true},
		{[]string{"Bearer a,b"}, "", true},
		{[]string{`Bearer "abc"`}, "", true},
		{[]string{"Bearer a=b"}, "", true},
		{[]string{"Bearer abc\u00e9"}, "", true},
		{[]string{"Bearer token=abc"}, "", true},
		{[]string{"Bearer a", "Bearer a"}, "", true},
	} {
		token, found := httpio.ParseBearer(c.headers)
		if token != c.token || found != c.found {
			t.Errorf("Bearer of %q is %q, %v, want %q, %v", c.headers, token, found, c.token, c.found)
		}
	}
}

// TestBasic reads names and passwords as RFC 7617 section 2 writes them.
func TestBasic(t *testing.T) {
	t.Parallel()
	for header, want := range map[string][2]string{
		"Basic cm9vdDpyb290":     {"root", "root"},
		"basic   cm9vdDpyb290":   {"root", "root"},
		"Basic cm9vdDphOmI=":     {"root", "a:b"},
		"Basic cm9vdDo=":         {"root", ""},
		"Basic w7xzZXI6cMOkc3M=": {"\u00fcser", "p\u00e4ss"},
	} {
		name, password, ok := httpio.Basic(&http.Request{Header: http.Header{"Authorization": {header}}})
		if !ok || name != want[0] || password != want[1] {
			t.Errorf("%s: %q, %q, %v", header, name, password, ok)
		}
	}
	for _, header := range [][]string{
		nil, {""}, {"Basic"}, {"Basic !!!"}, {"Basic abc"}, {"Basic cm9vdA=="}, {"Bearer cm9vdDpyb290"}, {"Basic cm9vd Dpyb290"}, {"Basic\tcm9vdDpyb290"},
		{"Basic cm9vdDpyb290", "Basic cm9vdDpyb290"},
	} {
		if _, _, ok := httpio.Basic(&http.Request{Header: http.Header{"Authorization": header}}); ok {
			t.Errorf("%q is accepted", header)
		}
	}
}
