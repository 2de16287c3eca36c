package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// overSession logs in with an e-mail address and a password, lists the users, and
// ends the session that it began.
func overSession(ctx context.Context, at office, out io.Writer) error {
	device := fmt.Sprintf("example %d", os.Getpid()) // by this we know our session again
	client, err := sdk.New(at.url, session.Password(at.user, at.password), sdk.WithUserAgent(device))
	if err != nil {
		return err
	}
	defer client.Close(ctx)

	// The first call logs in. From here on the token is kept fresh.
	var users []struct {
		Email string `json:"email"`
	}
	response, err := client.R(ctx).SetResult(&users).Get("/users")
	if err != nil {
		return err
	}
	if response.IsError() {
		return fmt.Errorf("list users: %s", response.Status())
	}
	for _, user := range users {
		fmt.Fprintln(out, "user", user.Email)
	}

	// This dialect has no logout, but a session can be ended by its id.
	sessions, err := session.Of(client).List(ctx)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if s.UserAgent != device {
			continue
		}
		if err := session.Of(client).End(ctx, s.ID); err != nil {
			return err
		}
		fmt.Fprintln(out, "ended the session of", s.User, "from", s.IPAddress)
	}
	return nil
}
