package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/internal/commandline"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

// grantRun is an action on an account and its sessions and tokens.
type grantRun func(cmd *cobra.Command, accounts *account.Registry, grants *grant.Service, login string) error

func accountGrantAction(flags *storeFlags, use, short, example string, run grantRun) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Example: "  " + example, Args: cobra.ExactArgs(1), ValidArgsFunction: commandline.Arguments(nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.with(cmd.Context(), func(records storeurl.Store) error {
				accounts, err := account.NewRegistry(records, nil, nil)
				if err != nil {
					return err
				}
				grants, err := grant.New(grant.Config{Store: records, Accounts: accounts})
				if err != nil {
					return err
				}
				login, err := accounts.Login(cmd.Context(), args[0])
				if err != nil {
					return fmt.Errorf("account %q: %w", args[0], err)
				}
				return run(cmd, accounts, grants, login)
			})
		},
	}
}

func newAccountDeleteCommand(flags *storeFlags) *cobra.Command {
	return accountGrantAction(flags, "delete LOGIN", "Remove an account with its API keys, sessions and tokens", "dragoman account delete ann",
		func(cmd *cobra.Command, accounts *account.Registry, grants *grant.Service, login string) error {
			if err := accounts.Delete(cmd.Context(), login); err != nil {
				return err
			}
			return grants.RemoveOwned(cmd.Context(), login)
		})
}

func newAccountSessionsCommand(flags *storeFlags) *cobra.Command {
	var ids []string
	var all bool
	command := accountGrantAction(flags, "sessions LOGIN", "List the sessions and tokens of an account, or end them", "dragoman account sessions ann --end-all",
		func(cmd *cobra.Command, accounts *account.Registry, grants *grant.Service, login string) error {
			switch {
			case all && len(ids) > 0:
				return errors.New("--end and --end-all: set one of them")
			case all:
				return endAllSessions(cmd, accounts, grants, login)
			case len(ids) > 0:
				return endSessions(cmd, grants, login, ids)
			}
			return listSessions(cmd, grants, login)
		})
	command.Long = `sessions lists the live sessions and tokens of an account, in all dialects. API
keys are none of them: "account apikey --revoke" removes one. RENEWED is when a session
was last refreshed or renewed, or a form token extended; other requests with a token
are not recorded.

With --end ID it ends one of them, at once. With --end-all it ends all of them,
also those that are being issued at this moment by a running server.`
	command.Flags().StringArrayVar(&ids, "end", nil, "end the one with this `ID` instead (repeatable)")
	command.Flags().BoolVar(&all, "end-all", false, "end all of them instead")
	return command
}

func listSessions(cmd *cobra.Command, grants *grant.Service, login string) error {
	owned, err := grants.Owned(cmd.Context(), login)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tDIALECT\tSINCE\tRENEWED\tENDS\tADDRESS\tNAME OR AGENT")
	for _, one := range owned {
		name := one.Name
		if name == "" {
			name = one.Agent
		}
		renewed := "never"
		if !one.RenewedAt.IsZero() {
			renewed = one.RenewedAt.Format(time.RFC3339)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%q\n", one.ID, one.Dialect,
			one.IssuedAt.Format(time.RFC3339), renewed, one.ExpiresAt.Format(time.RFC3339), one.Address, name)
	}
	return table.Flush()
}

func endSessions(cmd *cobra.Command, grants *grant.Service, login string, ids []string) error {
	for _, id := range ids {
		if err := grants.EndOwned(cmd.Context(), login, id); err != nil {
			err = fmt.Errorf("end session %q of %q: %w", id, login, err)
			if errors.Is(err, grant.ErrNotFound) {
				err = fmt.Errorf("%w; without --end the command lists those that live", err)
			}
			return err
		}
	}
	return nil
}

func endAllSessions(cmd *cobra.Command, accounts *account.Registry, grants *grant.Service, login string) error {
	owned, err := grants.Owned(cmd.Context(), login)
	if err != nil {
		return err
	}
	if err := accounts.EndSessions(cmd.Context(), login); err != nil {
		return err
	}
	if err := grants.RemoveOwned(cmd.Context(), login); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d ended\n", len(owned))
	return nil
}
