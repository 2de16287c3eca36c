// Package fifthdialect speaks a dialect that dragoman does not know: a login
// issues a session id for a quarter of an hour, which travels as a cookie and can
// be touched to live on. docs/fifth-dialect.md explains it line by line.
package fifthdialect

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
)

type cookie struct {
	user     string
	password sdk.Secret
}

// Password logs in with a user name and a password.
func Password(user string, password sdk.Secret) sdk.Dialect { return &cookie{user, password} }

func (d *cookie) Name() string { return "cookie" }

func (d *cookie) Login(ctx context.Context, x *sdk.TokenClient) (sdk.Token, error) {
	reply, err := x.Do(ctx, sdk.Call{
		Op: "login", Method: http.MethodPost, Path: "/signin", Repeatable: true,
		JSON: map[string]string{"user": d.user, "password": d.password.Reveal()},
	})
	if err != nil {
		return sdk.Token{}, err
	}
	return readToken(reply)
}

func (d *cookie) Authorize(header http.Header, token sdk.Token) {
	header.Set("Cookie", "sid="+token.Access.Reveal())
}

func (d *cookie) Rejected(response *http.Response) bool {
	return response.StatusCode == http.StatusUnauthorized
}

// Renew makes the session live on. The dialect has no refresh token, so the
// client calls this only while the session lives.
func (d *cookie) Renew(ctx context.Context, x *sdk.TokenClient, token sdk.Token) (sdk.Token, error) {
	reply, err := x.Do(ctx, sdk.Call{Op: "renew", Method: http.MethodPost, Path: "/touch", Token: token})
	if err != nil {
		return sdk.Token{}, err
	}
	return readToken(reply)
}

// Revoke signs out.
func (d *cookie) Revoke(ctx context.Context, x *sdk.TokenClient, token sdk.Token) error {
	_, err := x.Do(ctx, sdk.Call{Op: "revoke", Method: http.MethodPost, Path: "/signout", Token: token})
	if sdk.TokenGone(err) {
		return nil
	}
	return err
}

// Key lets users share a store without mixing up their tokens.
func (d *cookie) Key() string { return d.user }

// Validate is called by sdk.New.
func (d *cookie) Validate() error {
	if d.user == "" || d.password.IsZero() {
		return fmt.Errorf("it needs a user and a password: %w", sdk.ErrConfig)
	}
	return nil
}

func readToken(reply *sdk.Reply) (sdk.Token, error) {
	var answer struct {
		Sid     string `json:"sid"`
		Seconds int    `json:"seconds"`
	}
	if err := reply.JSON(&answer); err != nil {
		return sdk.Token{}, err
	}
	if answer.Sid == "" {
		return sdk.Token{}, reply.Protocol("sid is missing")
	}
	token := sdk.Token{Access: sdk.NewSecret(answer.Sid), Issued: reply.Sent}
	if answer.Seconds > 0 {
		token.Expires = reply.ExpiresIn(time.Duration(answer.Seconds) * time.Second)
	}
	return token, nil
}
