package main

import (
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/mockserver"
	"github.com/dragoman-auth/dragoman/sdk"
)

func TestForm(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("form"))
	var out strings.Builder
	if err := overForm(t.Context(), office{url: mock.URL, user: "root", password: sdk.NewSecret("root")}, &out); err != nil {
		t.Fatal(err)
	}
	const want = `Desk lamp 129.00
Office chair 749.50
Paper, A4, 500 sheets 24.99
extended: true
`
	if out.String() != want {
		t.Errorf("got:\n%swant:\n%s", out.String(), want)
	}
}
