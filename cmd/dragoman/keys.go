package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/internal/commandline"
	"github.com/dragoman-auth/dragoman/internal/humanize"
	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

func newKeysCommand() *cobra.Command {
	var flags storeFlags
	command := &cobra.Command{
		Use:   "keys",
		Short: "List and rotate the server's keys",
		Long: `keys works on the keys in the server's store: "secret", which authenticates
session and scoped tokens, and "rs256", which signs rpc tokens and is published
at /.well-known/jwks.json. Running servers see a change within ` + humanize.Duration(keyring.Staleness) + `.`,
		Example: `  dragoman keys list
  dragoman keys rotate rs256`,
		Args: cobra.NoArgs,
	}
	flags.register(command.PersistentFlags())
	command.AddCommand(newKeysListCommand(&flags), newKeysRotateCommand(&flags))
	return command
}

// withKeys opens the store, and the ring in it, for one action.
func withKeys(cmd *cobra.Command, flags *storeFlags, act func(*keyring.Ring) error) error {
	return flags.with(cmd.Context(), func(records storeurl.Store) error {
		ring, err := keyring.New(keyring.Config{Store: records})
		if err != nil {
			return err
		}
		return act(ring)
	})
}

func newKeysListCommand(flags *storeFlags) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "Show the keys, newest first, without their secrets",
		Example: `  dragoman keys list --store sqlite:/var/lib/dragoman/dragoman.db`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withKeys(cmd, flags, func(ring *keyring.Ring) error { return listKeys(cmd, ring) })
		},
	}
}

func listKeys(cmd *cobra.Command, ring *keyring.Ring) error {
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PURPOSE\tID\tMADE\tSIGNS")
	for _, purpose := range keyring.Purposes() {
		keys, err := ring.All(cmd.Context(), purpose)
		if err != nil {
			return err
		}
		writeKeys(table, purpose, keys, time.Now())
	}
	return table.Flush()
}

func writeKeys(out io.Writer, purpose keyring.Purpose, keys []keyring.Key, now time.Time) {
	for i, use := range keyring.Uses(keys, now) {
		state := "no longer"
		if use != keyring.Ended {
			state = begin(keys[i], now)
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", purpose, keys[i].ID, keys[i].Made.Format(time.RFC3339), state)
	}
}

// begin says from when on a new key signs.
func begin(key keyring.Key, now time.Time) string {
	if now.Before(key.From) {
		return "from " + key.From.Format(time.RFC3339)
	}
	return "now"
}

// purposes are the names of what keys are for.
func purposes() []string {
	var names []string
	for _, purpose := range keyring.Purposes() {
		names = append(names, string(purpose))
	}
	return names
}

func knownPurpose(_ *cobra.Command, args []string) error {
	for _, name := range args {
		if err := commandline.Known(strings.ToLower(name), purposes()); err != nil {
			return err
		}
	}
	return nil
}

func newKeysRotateCommand(flags *storeFlags) *cobra.Command {
	var rotation keyring.Rotation
	command := &cobra.Command{
		Use:   "rotate [secret|rs256]",
		Short: "Make a new key, which signs after " + humanize.Duration(2*keyring.Staleness),
		Long: `rotate makes a new key for one purpose, or for both. It begins to sign after
` + humanize.Duration(2*keyring.Staleness) + `, when all replicas know it. The previous keys still verify; a rotation
removes them --keep after they stopped signing. No token ends early.

With --compromised the new key signs at once and all others are removed: no
token of the session dialect is accepted any more.`,
		Example: `  dragoman keys rotate
  dragoman keys rotate secret --compromised`,
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), knownPurpose),
		ValidArgs: purposes(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if rotation.Keep <= 0 {
				return fmt.Errorf("--keep %s: it has to be positive; --compromised removes the old keys at once", humanize.Duration(rotation.Keep))
			}
			return withKeys(cmd, flags, func(ring *keyring.Ring) error {
				for _, purpose := range keyring.Purposes() {
					if len(args) == 1 && !strings.EqualFold(args[0], string(purpose)) {
						continue
					}
					key, err := ring.Rotate(cmd.Context(), purpose, rotation)
					if err != nil {
						return err
					}
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %s signs %s\n", purpose, key.ID, begin(key, time.Now()))
				}
				return nil
			})
		},
	}
	command.Flags().DurationVar(&rotation.Keep, "keep", keyring.Keep, "how long (`DURATION`) a key is kept after it has stopped signing")
	command.Flags().Lookup("keep").DefValue = humanize.Duration(keyring.Keep)
	command.Flags().BoolVar(&rotation.Compromised, "compromised", false, "the old keys are known to others: use the new key at once and remove them")
	return command
}
