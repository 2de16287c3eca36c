package keyringstore_test

import (
	"fmt"

	"github.com/dragoman-auth/dragoman/sdk/keyringstore"
)

func Example() {
	store, err := keyringstore.New("my-program")
	fmt.Println(store != nil, err)
	// Output: true <nil>
}
