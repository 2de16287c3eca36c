package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/internal/atomicfile"
	"github.com/dragoman-auth/dragoman/internal/reference/backup"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/reference/store"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

func newBackupCommand() *cobra.Command {
	var flags storeFlags
	command := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write all that a store holds into a file",
		Long: `backup writes all that a store holds into one file, with mode 0600, as it is at
one moment; servers that run on the store go on. A FILE that exists is replaced
once the new one is whole.

"dragoman restore" fills any kind of store with it: the two together move a store
from SQLite to PostgreSQL, or back. The file holds the keys of the server and the
hashes of passwords: keep it like a private key.`,
		Example: `  dragoman backup monday.backup
  dragoman backup monday.backup --store sqlite:/var/lib/dragoman/dragoman.db`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.with(cmd.Context(), func(records storeurl.Store) error {
				var summary backup.Summary
				if _, err := os.Stat(filepath.Dir(args[0])); err != nil {
					return fmt.Errorf("the folder of the backup: %w", err)
				}
				draft := filepath.Join(filepath.Dir(args[0]), ".dragoman-"+rand.Text()) // two backups may run at once
				err := atomicfile.Replace(args[0], draft, 0o600, func(file io.Writer) (err error) {
					summary, err = backup.Write(cmd.Context(), file, records, time.Now())
					if err == nil && summary.Records == 0 {
						err = errors.New("the store holds nothing; is it the right one? See --store and --data-dir")
					}
					return err
				})
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "%d records\n", summary.Records)
				}
				return err
			})
		},
	}
	flags.register(command.Flags())
	return command
}

func newRestoreCommand() *cobra.Command {
	var flags storeFlags
	var replace, withoutSessions bool
	command := &cobra.Command{
		Use:   "restore FILE",
		Short: "Fill a store with what a backup holds",
		Long: `restore fills an empty store, of any kind, with what "dragoman backup" has
written. It first reads the file to its end: what is cut off or changed is an
error, and restores nothing. No server may run on the store meanwhile.

What has changed since the backup is as it was then: a session or a token that was
ended since is accepted again, unless --without-sessions leaves all of them out,
and a session that was refreshed since has to log in again.`,
		Example: `  dragoman restore monday.backup --store sqlite:new.db
  dragoman restore monday.backup --replace --without-sessions`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := os.Open(args[0]) // before a store is made
			if err != nil {
				return err
			}
			defer file.Close() //nolint:errcheck // it was only read
			return flags.withNew(cmd.Context(), func(records storeurl.Store) error {
				keep := func(record store.Record) bool {
					return !withoutSessions || !slices.Contains(grant.Kinds(), record.Kind)
				}
				summary, err := restore(cmd.Context(), file, records, replace, keep)
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "%d records, as of %s\n", summary.Records, summary.Made.Format(time.RFC3339))
				}
				return err
			})
		},
	}
	flags.register(command.Flags())
	command.Flags().BoolVar(&replace, "replace", false, "first remove what the store holds")
	command.Flags().BoolVar(&withoutSessions, "without-sessions", false, "leave sessions and tokens out: accounts, API keys and keys only")
	return command
}

func restore(ctx context.Context, file io.ReadSeeker, records storeurl.Store, replace bool, keep func(store.Record) bool) (backup.Summary, error) {
	if replace {
		if _, err := backup.Read(file, func(store.Record) error { return nil }); err != nil {
			return backup.Summary{}, err // before anything is removed
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return backup.Summary{}, err
		}
		if err := backup.Empty(ctx, records); err != nil {
			return backup.Summary{}, err
		}
	}
	summary, err := backup.Restore(ctx, file, records, keep)
	if errors.Is(err, backup.ErrNotEmpty) {
		return summary, fmt.Errorf("%w: name another store, or set --replace", err)
	}
	return summary, err
}
