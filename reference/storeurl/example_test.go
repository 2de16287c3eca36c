package storeurl_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/reference/store"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

func ExampleOpen() {
	ctx := context.Background()
	s, err := storeurl.Open(ctx, "memory:") // or sqlite:PATH, or postgres://user@host/database
	if err != nil {
		panic(err)
	}
	defer s.Close()
	_, err = s.Get(ctx, "form", "no such key")
	fmt.Println(errors.Is(err, store.ErrNotFound))
	// Output: true
}
