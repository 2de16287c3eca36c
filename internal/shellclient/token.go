package shellclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/internal/commandline"
	"github.com/dragoman-auth/dragoman/sdk"
)

func newLogin() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Log in to a back office and keep its token",
		Long: `login obtains a token and keeps it for the other commands, which renew it as long as
they can. They log in by themselves where the password is in a variable, a file or a
command; login is for passwords that a person types.

Exit codes: 0 logged in, 1 refused or no answer, 2 bad usage.`,
		Example: `  dragoman login --dialect form --url https://shop.example --login me`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.with(cmd, func(ctx context.Context, client *sdk.Client) error {
				if err := client.Login(ctx); err != nil {
					return err
				}
				token, err := client.Token(ctx)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.ErrOrStderr(), "logged in at %s%s\n", client.BaseURL().Host, endOf(token))
				return err
			})
		},
	}
	t.bind(cmd)
	return cmd
}

// endOf says when a token ends, where that is known.
func endOf(token sdk.Token) string {
	if token.Expires.IsZero() {
		return ""
	}
	return ", with a token until " + token.Expires.Local().Format(time.RFC3339)
}

func newToken() *cobra.Command {
	var t target
	var format string
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Print a token that is alive",
		Long: `token prints the kept token, renewed where its end is near, or that of a new login.

Formats: plain is the token alone; json has its end, its user and its gRPC metadata
key as well; kubectl is an ExecCredential, for a user's "exec" in a kubeconfig; git
answers a credential helper's "get" with the login and the token as password.

Exit codes: 0 a token was printed, 1 refused or no answer, 2 bad usage.`,
		Example: `  dragoman token --dialect session --format json
  curl -H "Authorization: Bearer $(dragoman token)" "$DRAGOMAN_URL/users"`,
		Args: cobra.ArbitraryArgs, // git adds get, store or erase
		RunE: func(cmd *cobra.Command, args []string) error {
			write := formats[format]
			if format != "git" && len(args) > 0 {
				return fmt.Errorf("unexpected argument %q", args[0])
			}
			if format == "git" && len(args) > 0 && args[0] != "get" {
				return nil // nothing to store: the token is kept already
			}
			return t.with(cmd, func(ctx context.Context, client *sdk.Client) error {
				token, err := client.Token(ctx)
				if err != nil {
					return err
				}
				return write(cmd.OutOrStdout(), t.login, token)
			})
		},
	}
	t.bind(cmd)
	commandline.OneOf(cmd.Flags(), &format, "format", "plain", []string{"plain", "json", "kubectl", "git"}, "plain, json, kubectl or git (`FORMAT`)")
	return cmd
}

// formats write a token. Printing it is what they are for.
var formats = map[string]func(w io.Writer, login string, token sdk.Token) error{
	"plain": func(w io.Writer, _ string, token sdk.Token) error {
		_, err := fmt.Fprintln(w, token.Access.Reveal())
		return err
	},
	"json": func(w io.Writer, _ string, token sdk.Token) error {
		return json.NewEncoder(w).Encode(struct {
			Token       string     `json:"token"`
			Expires     *time.Time `json:"expires,omitempty"`
			Subject     string     `json:"subject,omitempty"`
			MetadataKey string     `json:"metadata_key,omitempty"`
		}{token.Access.Reveal(), ending(token), token.Subject, token.MetadataKey})
	},
	"kubectl": func(w io.Writer, _ string, token sdk.Token) error {
		type status struct {
			Token   string     `json:"token"`
			Expires *time.Time `json:"expirationTimestamp,omitempty"`
		}
		return json.NewEncoder(w).Encode(struct {
			Version string `json:"apiVersion"`
			Kind    string `json:"kind"`
			Status  status `json:"status"`
		}{"client.authentication.k8s.io/v1", "ExecCredential", status{token.Access.Reveal(), ending(token)}})
	},
	"git": func(w io.Writer, login string, token sdk.Token) error {
		_, err := fmt.Fprintf(w, "username=%s\npassword=%s\n", login, token.Access.Reveal())
		if end := ending(token); end != nil && err == nil {
			_, err = fmt.Fprintf(w, "password_expiry_utc=%d\n", end.Unix())
		}
		return err
	},
}

// ending is when a token ends, in whole seconds, or nil.
func ending(token sdk.Token) *time.Time {
	if token.Expires.IsZero() {
		return nil
	}
	end := token.Expires.UTC().Truncate(time.Second)
	return &end
}

func newLogout() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:   "logout",
		Short: "End the session and forget its token",
		Long: `logout ends the session at the back office, where its dialect can, and deletes the
kept token.

Exit codes: 0 done, also where nothing was kept, 1 the session may still live, 2 bad usage.`,
		Example: `  dragoman logout --dialect form --url https://shop.example --login me`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			t.complete()
			if t.store == storeNone {
				return errors.New("with --store none there is nothing to forget")
			}
			return t.with(cmd, func(ctx context.Context, client *sdk.Client) error { return client.Logout(ctx) })
		},
	}
	t.bind(cmd)
	return cmd
}
