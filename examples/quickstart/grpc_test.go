package main

import (
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/mockserver"
	"github.com/dragoman-auth/dragoman/sdk"
)

func TestGRPC(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("rpc"))
	var out strings.Builder
	if err := overGRPC(t.Context(), office{url: mock.URL, grpc: mock.GRPCAddr, user: "root", password: sdk.NewSecret("root")}, &out); err != nil {
		t.Fatal(err)
	}
	const want = `version dragoman reference 1
late: DeadlineExceeded
wrong password: Unauthenticated refused: true
login failed with AUTHENTICATE_CODE_WRONG_CREDENTIALS temporary: false
`
	if out.String() != want {
		t.Errorf("got:\n%swant:\n%s", out.String(), want)
	}
	for _, request := range mock.Requests() {
		if request.Method != "gRPC" {
			t.Errorf("%s went over HTTP", request)
		}
	}
	mock.AssertCalls(t, mockserver.Resource, 1) // what comes too late, or without a token, is not sent
	mock.AssertCalls(t, mockserver.Revoke, 1)   // Close has ended the session
}
