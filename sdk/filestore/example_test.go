package filestore_test

import (
	"fmt"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/filestore"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func Example() {
	store, err := filestore.New("/var/lib/my-program/tokens")
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := sdk.New("https://demo.back-office.pro", session.Password("me@example.com", sdk.NewSecret("...")), sdk.WithStore(store))
	fmt.Println(client, err)
	// Output: client of https://demo.back-office.pro in dialect session <nil>
}
