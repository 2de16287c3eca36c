package main

import (
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/mockserver"
	"github.com/dragoman-auth/dragoman/sdk"
)

func TestScoped(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("scoped"))
	var out strings.Builder
	if err := overScoped(t.Context(), office{url: mock.URL, user: "root", password: sdk.NewSecret("root")}, &out); err != nil {
		t.Fatal(err)
	}
	const want = `/api/v1/objects/42 200
/api/v1/geofences 403
`
	if out.String() != want {
		t.Errorf("got:\n%swant:\n%s", out.String(), want)
	}
}
