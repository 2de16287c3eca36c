package main

import (
	"fmt"

	"github.com/mdp/qrterminal/v3"
	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/reference/account"
)

func newAccountTOTPCommand(flags *storeFlags) *cobra.Command {
	var remove, noQR bool
	command := accountAction(flags, "totp LOGIN", "Ask for a code of an authenticator at each login", "dragoman account totp ann", cobra.ExactArgs(1),
		func(cmd *cobra.Command, accounts *account.Registry, args []string) error {
			login, out := args[0], cmd.OutOrStdout()
			if remove {
				return accounts.SetSecondFactor(cmd.Context(), login, "", "")
			}
			secret, address, err := account.NewTOTP("dragoman", login)
			if err != nil {
				return err
			}
			if err := accounts.SetSecondFactor(cmd.Context(), login, secret, ""); err != nil {
				return err
			}
			if !noQR {
				qrterminal.GenerateHalfBlock(address, qrterminal.L, out)
			}
			fmt.Fprintf(out, "secret   %s\naddress  %s\nIt is not shown again. From now on %s logs in with the rpc dialect alone.\n", secret, address, login)
			return nil
		})
	command.Long = `totp makes a secret for the authenticator of an account, shows it once, as a QR
code and as text, and asks for a code at each login from then on (RFC 6238: six
digits, 30 seconds). Only the rpc dialect can ask for one; the others refuse the
account. Sessions and tokens that exist go on.`
	command.Flags().BoolVar(&remove, "remove", false, "ask for no code any more")
	command.Flags().BoolVar(&noQR, "no-qr", false, "show the secret as text only")
	return command
}

func newAccountSupervisorCommand(flags *storeFlags) *cobra.Command {
	return accountAction(flags, "supervisor LOGIN [SUPERVISOR]", "Let another account approve each login; without one, nobody has to", "dragoman account supervisor ann boss", cobra.RangeArgs(1, 2),
		func(cmd *cobra.Command, accounts *account.Registry, args []string) error {
			return accounts.SetSecondFactor(cmd.Context(), args[0], "", append(args, "")[1])
		})
}
