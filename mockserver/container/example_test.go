package container_test

import (
	"context"
	"log"

	"github.com/testcontainers/testcontainers-go"

	"github.com/dragoman-auth/dragoman/mockserver/container"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
)

// A client logs in to a mock that runs in a container. It needs an engine and the
// image, which "make image" builds.
func ExampleRun() {
	ctx := context.Background()
	mock, err := container.Run(ctx, "dragoman:latest", container.WithDialects("form"), container.WithAccount("ann", "long enough"))
	defer func() {
		if err := testcontainers.TerminateContainer(mock); err != nil {
			log.Print(err)
		}
	}()
	if err != nil {
		log.Print(err)
		return
	}
	client, err := sdk.New(mock.URL, form.Password("ann", sdk.NewSecret("long enough")))
	if err != nil {
		log.Print(err)
		return
	}
	defer client.Stop(ctx)
	response, err := client.R(ctx).Get("/items")
	if err != nil {
		log.Print(err)
		return
	}
	log.Print(response.Status())
}
