package main

import (
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/mockserver"
	"github.com/dragoman-auth/dragoman/sdk"
)

func TestRPC(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("rpc"))
	var out strings.Builder
	if err := overRPC(t.Context(), office{url: mock.URL, grpc: mock.GRPCAddr, user: "root", password: sdk.NewSecret("root")}, &out); err != nil {
		t.Fatal(err)
	}
	const want = `version dragoman reference 1
camera Main entrance
camera Loading bay
camera Archive
`
	if out.String() != want {
		t.Errorf("got:\n%swant:\n%s", out.String(), want)
	}
}
