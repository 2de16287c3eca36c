// Package scoped speaks the dialect of tokens with a life in words and scopes
// like "GET /objects/:id":
//
//	client, err := sdk.New("https://iot.example", scoped.Password("me@example.com", sdk.NewSecret("..."),
//		scoped.WithLifetime("90 days"), scoped.WithScopes("GET /objects", "GET /objects/:id")))
//
// Closing such a client ends its token only if the scopes allow "DELETE
// /tokens/:id"; else [sdk.Client.Close] says so by an error that wraps
// [sdk.ErrForbidden], and [sdk.Client.Stop] is the way to end the client.
//
// A token that was issued by hand is used with [Static]. [Of] gives the
// dialect's own verbs: issue further tokens, list and revoke them. How tokens
// are kept is the business of package sdk.
package scoped
