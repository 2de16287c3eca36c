// Package fleet keeps many accounts of one back office logged in: over one
// transport, with one timer, and with no more memory for an account that nobody
// uses than its token takes:
//
//	f, err := fleet.New("https://office.example", func(account string) sdk.Dialect {
//		return session.PasswordFunc(account, vault.PasswordOf(account))
//	})
//	err = f.With(ctx, "ann@example.com", func(client *sdk.Client) error {
//		_, err := client.R(ctx).Get("/things")
//		return err
//	})
//
// An account is an [sdk.Client] while it is used, and makes all the promises of
// one. It is taken apart when it has been idle for some minutes; its token stays.
package fleet
