package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/release/sums"
)

// rehearse makes a release of the last commit in root twice, each from a clone of its
// own, and signs it with a key that nobody keeps. Both have to have the same bytes, and
// the program of the release has to verify each of its files.
func rehearse(ctx context.Context, root, nfpm string, out io.Writer) (err error) {
	work, err := os.MkdirTemp("", "dragoman-rehearsal")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	r := release{root: root, version: "v0.0.0-rehearsal"}
	if r.nfpm, err = filepath.Abs(nfpm); err != nil {
		return err
	}
	private, public, err := report.NewKey(nil)
	if err != nil {
		return err
	}
	if r.key, err = report.ParsePrivateKey(private); err != nil {
		return err
	}
	key := filepath.Join(work, "key.pub")
	if err := os.WriteFile(key, public, 0o600); err != nil {
		return err
	}
	if err := r.ofLastCommit(ctx); err != nil {
		return err
	}
	folders := []string{filepath.Join(work, "first"), filepath.Join(work, "second")}
	for _, folder := range folders {
		if err := r.inClone(ctx, folder); err != nil {
			return err
		}
	}
	names, err := sameFilesIn(dist(folders[0]), dist(folders[1]))
	if err != nil {
		return err
	}
	if err := r.verified(ctx, filepath.Join(work, "dragoman"), dist(folders[0]), key, names); err != nil {
		return err
	}
	fmt.Fprintf(out, "release: %d files for %d systems, the same bytes twice, each verified\n", len(names), len(targets))
	return nil
}

// ofLastCommit takes commit and time from git.
func (r *release) ofLastCommit(ctx context.Context) error {
	said, err := git(ctx, "-C", r.root, "log", "-1", "--format=%H %ct")
	if err != nil {
		return err
	}
	commit, seconds, _ := strings.Cut(strings.TrimSpace(said), " ")
	r.commit = commit
	r.epoch, err = strconv.ParseInt(seconds, 10, 64)
	return err
}

func git(ctx context.Context, args ...string) (string, error) {
	said, err := exec.CommandContext(ctx, "git", args...).Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[len(args)-1], err)
	}
	return string(said), nil
}

func dist(folder string) string { return filepath.Join(folder, "dist") }

// inClone makes the release in a clone of the sources.
func (r release) inClone(ctx context.Context, folder string) error {
	if _, err := git(ctx, "clone", "--quiet", r.root, folder); err != nil {
		return err
	}
	r.root, r.out = folder, dist(folder)
	r.build, r.explain = r.compile, r.document
	return r.make(ctx)
}

// sameFilesIn compares two folders and returns the names in them.
func sameFilesIn(one, other string) ([]string, error) {
	var names [2][]string
	for i, folder := range []string{one, other} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			names[i] = append(names[i], entry.Name())
		}
	}
	if len(names[0]) == 0 || !slices.Equal(names[0], names[1]) {
		return nil, fmt.Errorf("one release has %v, the other %v", names[0], names[1])
	}
	var problems []error
	for _, name := range names[0] {
		first, err1 := os.ReadFile(filepath.Join(one, name))
		second, err2 := os.ReadFile(filepath.Join(other, name))
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		if !bytes.Equal(first, second) {
			problems = append(problems, fmt.Errorf("%s has other bytes the second time", name))
		}
	}
	return names[0], errors.Join(problems...)
}

// verified lets the program of this system check each file that the list names.
func (r release) verified(ctx context.Context, program, folder, key string, names []string) error {
	if err := r.compile(ctx, target{runtime.GOOS, runtime.GOARCH}, program); err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, sums.ListName) {
			continue
		}
		check := exec.CommandContext(ctx, program, "version", "--check", filepath.Join(folder, name), "--key", key)
		if said, err := check.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", name, err, said)
		}
	}
	return nil
}
