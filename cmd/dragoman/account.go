package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/internal/commandline"
	"github.com/dragoman-auth/dragoman/internal/humanize"
	"github.com/dragoman-auth/dragoman/internal/reference/store/sqlite"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

func newAccountCommand() *cobra.Command {
	var flags storeFlags
	command := &cobra.Command{
		Use:   "account",
		Short: "Add and change the accounts that may log in",
		Long: `account works on the accounts in the server's store. Running servers see a
change at once at a login, and within ` + humanize.Duration(account.Staleness) + ` for requests with a
token; with SQLite ` + humanize.Duration(sqlite.Staleness) + ` later. A new password and a disabled account end
all sessions and tokens.

Passwords are read from the terminal, from the first line of the input, or from
$` + passwordVariable + `; never from the command line, which others can see. They have at
least 8 characters, unless --allow-weak allows fewer.

Rights are scopes such as "GET /users", or "*" for everything. An account without
rights can log in, manage its own sessions and tokens, and nothing else.`,
		Example: `  dragoman account add ann --email ann@example.com --right '*'
  dragoman account apikey ann --name ci --permission 'GET /users'
  dragoman account passwd ann <new-password.txt`,
		Args: cobra.NoArgs,
	}
	flags.register(command.PersistentFlags())
	command.AddCommand(
		newAccountAddCommand(&flags), newAccountPasswdCommand(&flags), newAccountListCommand(&flags),
		newAccountImportCommand(&flags), newAccountKeyCommand(&flags), newAccountTOTPCommand(&flags), newAccountSupervisorCommand(&flags),
		newAccountSessionsCommand(&flags), newAccountDeleteCommand(&flags),
		accountAction(&flags, "disable LOGIN", "Stop an account from logging in, and end its sessions and tokens", "dragoman account disable ann", cobra.ExactArgs(1),
			func(cmd *cobra.Command, accounts *account.Registry, args []string) error {
				return accounts.Disable(cmd.Context(), args[0])
			}),
		accountAction(&flags, "enable LOGIN", "Let a disabled account log in again", "dragoman account enable ann", cobra.ExactArgs(1),
			func(cmd *cobra.Command, accounts *account.Registry, args []string) error {
				return accounts.Enable(cmd.Context(), args[0])
			}),
		accountAction(&flags, "grant LOGIN [RIGHT...]", "Replace the rights of an account", "dragoman account grant ann 'GET /users' 'POST /objects'", cobra.MinimumNArgs(1),
			func(cmd *cobra.Command, accounts *account.Registry, args []string) error {
				return accounts.Grant(cmd.Context(), args[0], args[1:])
			}),
	)
	return command
}

type accountRun func(cmd *cobra.Command, accounts *account.Registry, args []string) error

// accountAction is a command on the accounts of a store that exists.
func accountAction(flags *storeFlags, use, short, example string, args cobra.PositionalArgs, run accountRun) *cobra.Command {
	return accountCommand(flags.with, use, short, example, args, run)
}

// accountCommand is a command that needs only its arguments and a store.
func accountCommand(open opener, use, short, example string, args cobra.PositionalArgs, run accountRun) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Example: "  " + example, Args: args, RunE: withAccounts(open, run),
		ValidArgsFunction: commandline.Arguments(nil),
	}
}

// withAccounts opens the store, and the registry in it, for one action.
func withAccounts(open opener, run accountRun) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		return open(cmd.Context(), func(records storeurl.Store) error {
			accounts, err := account.NewRegistry(records, nil, nil)
			if err != nil {
				return err
			}
			return run(cmd, accounts, args)
		})
	}
}

func newAccountAddCommand(flags *storeFlags) *cobra.Command {
	var added account.Account
	var rights []string
	var weak bool
	command := accountCommand(flags.withNew, "add LOGIN", "Add an account", "dragoman account add ann --email ann@example.com --right '*'", cobra.ExactArgs(1),
		func(cmd *cobra.Command, accounts *account.Registry, args []string) error {
			added.Login, added.Rights = args[0], rights
			return accounts.Add(cmd.Context(), added)
		})
	command.PreRunE = func(cmd *cobra.Command, args []string) (err error) { // before a store is made
		added.Password, err = readPassword(cmd, "Password for "+args[0], weak)
		return err
	}
	f := command.Flags()
	f.StringVar(&added.Email, "email", "", "e-mail address (`ADDRESS`) that names the user in the session dialect (default the login)")
	f.StringVar(&added.Name, "name", "", "name (`NAME`) shown in lists of users (default the login)")
	f.StringArrayVar(&rights, "right", nil, "a right (`RIGHT`) such as \"GET /users\", or \"*\" (repeatable)")
	f.StringArrayVar(&added.Roles, "role", nil, "id (`ID`) of a role, shown by the rpc dialect (repeatable)")
	f.BoolVar(&added.Unrestricted, "unrestricted", false, "shown by the rpc dialect as is_unrestricted")
	bindWeak(f, &weak)
	return command
}

func newAccountPasswdCommand(flags *storeFlags) *cobra.Command {
	var weak bool
	command := accountAction(flags, "passwd LOGIN", "Set a new password, and end all sessions and tokens", "dragoman account passwd ann <new-password.txt", cobra.ExactArgs(1),
		func(cmd *cobra.Command, accounts *account.Registry, args []string) error {
			password, err := readPassword(cmd, "New password for "+args[0], weak)
			if err != nil {
				return err
			}
			return accounts.SetPassword(cmd.Context(), args[0], password)
		})
	bindWeak(command.Flags(), &weak)
	return command
}

func newAccountListCommand(flags *storeFlags) *cobra.Command {
	return accountAction(flags, "list", "Show the accounts, without their secrets", "dragoman account list", cobra.NoArgs,
		func(cmd *cobra.Command, accounts *account.Registry, _ []string) error {
			list, err := accounts.List(cmd.Context())
			if err != nil {
				return err
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "LOGIN\tEMAIL\tNAME\tRIGHTS\tSECOND FACTOR\tSTATE")
			for _, one := range list {
				state := "active"
				if one.Disabled {
					state = "disabled"
				}
				fmt.Fprintf(table, "%q\t%q\t%q\t%s\t%s\t%s\n", one.Login, one.Email, one.Name, strings.Join(one.Rights, ", "), secondFactor(one), state)
			}
			return table.Flush()
		})
}

// secondFactor is what a login of an account needs beside the password, in words.
func secondFactor(one account.Info) string {
	switch one.SecondFactor {
	case account.TOTP:
		return "authenticator"
	case account.Supervisor:
		return fmt.Sprintf("approval of %q", one.SupervisedBy)
	default:
		return "none"
	}
}

func newAccountKeyCommand(flags *storeFlags) *cobra.Command {
	var key account.APIKey
	var permissions []string
	var life time.Duration
	var revoke bool
	command := accountAction(flags, "apikey LOGIN --name NAME", "Make an API key and print it once, or revoke one", "dragoman account apikey ann --name ci --permission 'GET /users'", cobra.ExactArgs(1),
		func(cmd *cobra.Command, accounts *account.Registry, args []string) error {
			if key.Name == "" {
				return errors.New("--name is missing: what the key is for")
			}
			if revoke {
				return accounts.RevokeAPIKeys(cmd.Context(), args[0], key.Name)
			}
			if len(permissions) == 0 {
				return errors.New(`--permission is missing: what the key allows, such as "GET /users"`)
			}
			if life < 0 {
				return fmt.Errorf("--expires %s is in the past", humanize.Duration(life))
			}
			if life > 0 {
				key.ExpiresAt = time.Now().Add(life).UTC()
			}
			key.Key, key.Permissions = rand.Text(), permissions
			if err := accounts.AddAPIKey(cmd.Context(), args[0], key); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), key.Key)
			return nil
		})
	f := command.Flags()
	f.StringVar(&key.Name, "name", "", "what the key is for (`NAME`)")
	f.StringArrayVar(&permissions, "permission", nil, "what the key allows (`RIGHT`), such as \"GET /users\" or \"*\" (repeatable)")
	f.DurationVar(&life, "expires", 0, "how long (`DURATION`) it lives, such as 8760h (default unlimited)")
	f.BoolVar(&revoke, "revoke", false, "remove the account's keys with this name instead")
	return command
}
