package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/dragoman-auth/dragoman/internal/humanize"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

// Where the store is, when no flag says it. A URL of PostgreSQL holds a
// password, which does not belong in a command line.
const (
	storeVariable   = "DRAGOMAN_STORE"
	dataDirVariable = "DRAGOMAN_DATA_DIR"
)

// storeFlags name the store of accounts, keys and sessions. The commands that share
// them work on the same store.
type storeFlags struct {
	url, dataDir string
}

func (s *storeFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&s.url, "store", "",
		"memory:, sqlite:PATH or postgres://user@host/database (`URL`) (default $"+storeVariable+", else dragoman.db in the data directory)")
	flags.StringVar(&s.dataDir, "data-dir", "",
		"directory (`DIR`) of the default store (default $"+dataDirVariable+", else dragoman in the user's data directory)")
}

// named is the URL of the store that the flags, the environment or else fallback name.
// An empty fallback is SQLite in the data directory.
func (s *storeFlags) named(fallback string) (string, error) {
	url := s.url
	if url != "" && s.dataDir != "" {
		return "", errors.New("--store and --data-dir: set one of them")
	}
	if url == "" && s.dataDir == "" {
		url = cmp.Or(os.Getenv(storeVariable), fallback)
	}
	if url != "" {
		return url, nil
	}
	dir, err := s.directory()
	if err != nil {
		return "", err
	}
	return storeurl.SQLite + filepath.Join(dir, "dragoman.db"), nil
}

// open opens the store that the flags, the environment or else fallback name; see named.
func (s *storeFlags) open(ctx context.Context, fallback string) (storeurl.Store, error) {
	url, err := s.named(fallback)
	if err != nil {
		return nil, err
	}
	return openStore(ctx, url)
}

func openStore(ctx context.Context, url string) (storeurl.Store, error) {
	records, err := storeurl.Open(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("store %q: %w%s", publicPart(url), err, nearestKind(url))
	}
	return records, nil
}

// nearestKind asks for the kind of store that a mistyped one most likely stands for, or
// is "" where the kind is known, or none is near.
func nearestKind(url string) string {
	kind, _, _ := strings.Cut(url, ":")
	kinds := []string{storeurl.Memory, storeurl.SQLite, "postgres:"}
	if slices.Contains(append(kinds, "postgresql:"), kind+":") && strings.Contains(url, ":") {
		return ""
	}
	return humanize.DidYouMean(kind+":", kinds)
}

// publicPart is the URL of a store without what may be a password: the whole URL,
// or only its scheme when it may hold a user or settings.
func publicPart(url string) string {
	const private = "@?="
	if !strings.ContainsAny(url, private) {
		return url
	}
	kind, _, named := strings.Cut(url, ":")
	if !named || strings.ContainsAny(kind, private) {
		kind = ""
	}
	return kind + ":..."
}

func (s *storeFlags) directory() (string, error) {
	if dir := cmp.Or(s.dataDir, os.Getenv(dataDirVariable)); dir != "" {
		return dir, nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "dragoman"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("no directory for the data: set --data-dir DIRECTORY or --store URL")
	}
	return filepath.Join(home, ".local", "share", "dragoman"), nil
}

// opener opens a store for one action, and closes it.
type opener func(ctx context.Context, act func(storeurl.Store) error) error

// with opens a store that exists for one action: to look for something, or to change it,
// in a new store would hide that another was meant.
func (s *storeFlags) with(ctx context.Context, act func(storeurl.Store) error) error {
	url, err := s.named("")
	if err != nil {
		return err
	}
	if path, isFile := strings.CutPrefix(url, storeurl.SQLite); isFile && path != "" {
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("store %q: there is no such file; --store or --data-dir names another store, and \"dragoman serve\" or \"dragoman account add\" makes one", publicPart(url))
		}
	}
	return actOn(ctx, url, act)
}

// withNew opens a store for one action, and makes it where it does not exist.
func (s *storeFlags) withNew(ctx context.Context, act func(storeurl.Store) error) error {
	url, err := s.named("")
	if err != nil {
		return err
	}
	return actOn(ctx, url, act)
}

// actOn does one action in a store. A store in memory is an error: it would be lost at once.
func actOn(ctx context.Context, url string, act func(storeurl.Store) error) (err error) {
	if url == storeurl.Memory {
		return errors.New("a store in memory belongs to the server that is running; --store names one that lasts")
	}
	records, err := openStore(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, records.Close()) }()
	err = act(records)
	if errors.Is(err, account.ErrNoAccount) {
		err = fmt.Errorf("%w in this store; --store names another, and the accounts of \"serve --demo\" are in no store, but in its memory", err)
	}
	return err
}
