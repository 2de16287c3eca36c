package main

import (
	"context"
	"fmt"
	"io"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
)

// overScoped logs in, issues a token that may only read objects, uses it, and revokes
// it.
func overScoped(ctx context.Context, at office, out io.Writer) error {
	owner, err := sdk.New(at.url, scoped.Password(at.user, at.password, scoped.WithLifetime("12 hours")))
	if err != nil {
		return err
	}
	defer owner.Close(ctx)

	// A token for somebody else: short, named, and good for one thing only.
	issued, err := scoped.Of(owner).Issue(ctx, scoped.IssueRequest{
		Name:   "reader",
		Life:   "30 minutes",
		Scopes: []string{"GET /objects", "GET /objects/:id"},
	})
	if err != nil {
		return err
	}

	reader, err := sdk.New(at.url, scoped.Static(issued.Token))
	if err != nil {
		return err
	}
	defer reader.Stop(ctx) // Stop leaves the token alive; Close would revoke it
	for _, path := range []string{"/api/v1/objects/42", "/api/v1/geofences"} {
		response, err := reader.R(ctx).Get(path)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, path, response.StatusCode())
	}

	return scoped.Of(owner).Revoke(ctx, issued.ID)
}
