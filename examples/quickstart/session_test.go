package main

import (
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/mockserver"
	"github.com/dragoman-auth/dragoman/sdk"
)

func TestSession(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("session"))
	var out strings.Builder
	if err := overSession(t.Context(), office{url: mock.URL, user: "root@example.com", password: sdk.NewSecret("root")}, &out); err != nil {
		t.Fatal(err)
	}
	const want = `user root@example.com
user clerk@example.com
user guarded@example.com
ended the session of root@example.com from 127.0.0.1
`
	if out.String() != want {
		t.Errorf("got:\n%swant:\n%s", out.String(), want)
	}
}
