// Command release makes the files of a release in a folder: archives, Debian and RPM
// packages, container images, a bill of materials for each binary, the provenance, and
// the list of all their digests with its signature. "make release" runs it. Whoever runs
// it for the same commit, with the same release of Go and of nfpm, gets the same bytes.
//
//	release -version v1.2.3 -commit 0123abcd... -epoch 1790000000 -key FILE -nfpm .bin/nfpm -out dist
//
// With -rehearse it makes a release of what is committed twice, with a key of its own,
// compares and verifies the files, and keeps nothing.
package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/dragoman-auth/dragoman/conformance/report"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	r := release{root: "."}
	var keyFile string
	var rehearsed bool
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.StringVar(&r.version, "version", "", "version of the release, as v1.2.3")
	flags.StringVar(&r.commit, "commit", "", "commit that is built, in 40 hex digits")
	flags.Int64Var(&r.epoch, "epoch", 0, "time of all files, in seconds since 1970; the commit's own")
	flags.StringVar(&r.out, "out", "dist", "folder for the files; it may not exist yet")
	flags.StringVar(&r.nfpm, "nfpm", "nfpm", "the program nfpm")
	flags.StringVar(&keyFile, "key", "", "private key that signs, of \"dragoman report keygen\"")
	flags.BoolVar(&rehearsed, "rehearse", false, "make a release twice, compare and verify it, and keep nothing; of the other flags only -nfpm counts")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if rehearsed {
		return rehearse(ctx, r.root, r.nfpm, os.Stdout)
	}
	var err error
	if r.key, err = readKey(keyFile); err != nil {
		return err
	}
	r.build, r.explain = r.compile, r.document
	return r.make(ctx)
}

func readKey(path string) (ed25519.PrivateKey, error) {
	if path == "" {
		return nil, errors.New("no key to sign with: make release KEY=FILE; \"dragoman report keygen FILE\" makes one")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	return report.ParsePrivateKey(text)
}

// release is what is to be made, and with what.
type release struct {
	root, out       string // folders: the sources, and where the files go
	version, commit string
	epoch           int64
	nfpm            string
	key             ed25519.PrivateKey
	build           func(ctx context.Context, t target, path string) error
	explain         func(ctx context.Context, folder string) error // writes documents
}

// target is a system that is built for.
type target struct{ os, arch string }

var targets = []target{
	{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"},
}

var (
	versionForm = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)
	commitForm  = regexp.MustCompile(`^[0-9a-f]{40}$`)
)

// usable says why no release can be made of what was given.
func (r release) usable() error {
	switch {
	case !versionForm.MatchString(r.version):
		return fmt.Errorf("%q is no version as v1.2.3", r.version)
	case strings.HasSuffix(r.version, "-dirty"):
		return errors.New("the sources differ from their commit: a release is made of what is committed")
	case !commitForm.MatchString(r.commit):
		return fmt.Errorf("%q is no commit: it has 40 hex digits", r.commit)
	case r.epoch <= 0:
		return errors.New("-epoch has to be the time of the commit")
	}
	if _, err := os.Lstat(r.out); err == nil {
		return fmt.Errorf("%s is there already: remove it, or name another folder", r.out)
	}
	return nil
}

// make makes the whole release. Where it fails, no folder is left behind.
func (r release) make(ctx context.Context) (err error) {
	if err := r.usable(); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "dragoman-release")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if err := os.MkdirAll(r.out, 0o755); err != nil { //nolint:gosec // it holds nothing secret
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(r.out))
		}
	}()
	explained := filepath.Join(work, "documents")
	if err := r.explain(ctx, explained); err != nil {
		return fmt.Errorf("write the manual and the completions: %w", err)
	}
	documents, err := documentsIn(explained)
	if err != nil {
		return err
	}
	for _, t := range targets {
		binary := filepath.Join(work, t.os+"-"+t.arch, t.program())
		if err := r.build(ctx, t, binary); err != nil {
			return fmt.Errorf("build %s/%s: %w", t.os, t.arch, err)
		}
		if err := r.pack(ctx, t, binary, documents); err != nil {
			return fmt.Errorf("pack %s/%s: %w", t.os, t.arch, err)
		}
	}
	return r.conclude(filepath.Join(work, "linux-amd64", "dragoman"))
}

func (t target) program() string {
	if t.os == "windows" {
		return "dragoman.exe"
	}
	return "dragoman"
}
