// Package sdk logs in to a back office and keeps the token fresh.
//
// A [Client] is made from the address of the back office and a [Dialect], one
// of the packages session, form, rpc and scoped:
//
//	client, err := sdk.New("https://demo.back-office.pro", session.Password("me@example.com", sdk.NewSecret("...")))
//	response, err := client.R(ctx).Get("/users") // resty
//	httpClient := client.HTTPClient()            // net/http, same credentials
//	defer client.Close(ctx)                      // logs out, also if ctx has ended
//
// with these imports; resty is version 2:
//
//	"github.com/dragoman-auth/dragoman/sdk"
//	"github.com/dragoman-auth/dragoman/sdk/session"
//	"github.com/go-resty/resty/v2"
//
// Headers and hooks for all requests go into a resty client of the program's
// own, made with resty.NewWithClient(client.HTTPClient()), or into a round
// tripper around that of [Client.HTTPClient]; what goes to the token endpoints
// too belongs into [WithHTTPTransport].
//
// [New] does no I/O. The first call that needs a token logs in; from then on
// the client renews the token before it ends, in the background, and once more
// when the server rejects it. What it sends again, and when, is said at [New]. However many goroutines ask, there is one renewal
// at a time; each waits no longer than its own context allows.
//
// Credentials go to the configured origin (scheme, host and port) only, on
// every hop of a redirect. Passwords and tokens are of type [Secret] and do not
// print.
//
// What this package leaves to others: many accounts of one back office are in
// fleet, direct gRPC is in grpcauth, persistent stores are in filestore and
// keyringstore, spans and metrics in otelobserver, an oauth2.TokenSource in
// oauth2source, and contract tests for a dialect or a store of your own in
// sdktest.
package sdk
