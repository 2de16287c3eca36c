// Package session speaks the dialect in which an e-mail address and a password
// obtain a ten-minute bearer token and a refresh token:
//
//	client, err := sdk.New("https://demo.back-office.pro", session.Password("me@example.com", sdk.NewSecret("...")))
//
// A program that has an API key needs no login:
//
//	client, err := sdk.New("https://demo.back-office.pro", session.APIKey(sdk.NewSecret("...")))
//
// [Of] gives the dialect's own verbs. How tokens are kept and renewed is the
// business of package sdk.
package session
