package otelobserver_test

import (
	"fmt"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/otelobserver"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func Example() {
	observer, err := otelobserver.New() // the global providers
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := sdk.New("https://demo.back-office.pro", session.Password("me@example.com", sdk.NewSecret("...")), sdk.WithObserver(observer))
	fmt.Println(client, err)
	// Output: client of https://demo.back-office.pro in dialect session <nil>
}
