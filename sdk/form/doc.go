// Package form speaks the dialect in which an HTML form login obtains a token for
// 24 hours or 30 days, sent as X-Auth-Bearer:
//
//	client, err := sdk.New("https://shop.example", form.Password("me", sdk.NewSecret("..."), form.WithLongToken()))
//
// The token is extended before it ends, for as long as it was issued for. [Of]
// gives the dialect's own verbs. How tokens are kept is the business of package
// sdk.
package form
