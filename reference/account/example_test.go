package account_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/account"
)

func ExampleRegistry() {
	ctx, shared := context.Background(), memory.New()
	accounts, err := account.NewRegistry(shared, account.FastHasher{}, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(accounts.Add(ctx, account.Account{Login: "ann", Password: "s3cret", Rights: scope.Rights{"GET /users"}}))
	fmt.Println(accounts.Disable(ctx, "ann"))
	list, err := accounts.List(ctx)
	fmt.Println(list[0].Login, list[0].Rights, list[0].Disabled, err)
	// Output:
	// <nil>
	// <nil>
	// ann [GET /users] true <nil>
}

func ExampleArgon2id() {
	hasher := account.Argon2id{Rand: bytes.NewReader(make([]byte, 16))} // for the example only: leave Rand out
	hash, err := hasher.Hash("right password")
	if err != nil {
		panic(err)
	}
	right, _ := hasher.Verify(hash, "right password")
	wrong, _ := hasher.Verify(hash, "wrong password")
	fmt.Println(hash[:33], right, wrong)
	// Output: $argon2id$v=19$m=19456,t=2,p=1$AA true false
}
