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
	"strings"
)

// api is the gate that no incompatible change of a public package passes.
type api struct {
	root, apidiff string
	out           io.Writer
}

// pass compares the sources with those of the last tag, or, where they are tagged
// themselves, of the tag before. Without a tag there is nothing to compare with.
func (a api) pass(ctx context.Context) error {
	tag, err := a.lastTag(ctx)
	if err != nil {
		return fmt.Errorf("api: %w", err)
	}
	if tag == "" {
		fmt.Fprintln(a.out, "api: there is nothing to compare with: no earlier commit has a tag, or this copy of the repository lacks its tags")
		return nil
	}
	work, err := os.MkdirTemp("", "dragoman-api")
	if err != nil {
		return fmt.Errorf("api: %w", err)
	}
	changes, err := a.compare(ctx, tag, work)
	if err = errors.Join(err, os.RemoveAll(work)); err != nil {
		return fmt.Errorf("api: %w", err)
	}
	if changes != "" {
		return fmt.Errorf("api: this breaks programs that were written for %s:\n%s", tag, changes)
	}
	fmt.Fprintf(a.out, "api: what %s promises still holds\n", tag)
	return nil
}

// lastTag is "" where there is none.
func (a api) lastTag(ctx context.Context) (string, error) {
	if _, err := a.run(ctx, a.root, "git", "rev-parse", "--verify", "--quiet", "HEAD"); err != nil {
		return "", errors.New("this is no git repository with a commit")
	}
	from := "HEAD"
	changed, err := a.run(ctx, a.root, "git", "status", "--porcelain", "--untracked-files=no")
	if err != nil {
		return "", err
	}
	if _, err := a.run(ctx, a.root, "git", "describe", "--tags", "--exact-match", from); err == nil && changed == "" {
		from = "HEAD^"
	}
	tag, err := a.run(ctx, a.root, "git", "describe", "--tags", "--abbrev=0", from)
	if err != nil {
		return "", nil // git fails where no commit has a tag, or none is before this one
	}
	return strings.TrimSpace(tag), nil
}

// compare says which incompatible changes there are since a tag.
func (a api) compare(ctx context.Context, tag, work string) (string, error) {
	root, err := filepath.Abs(a.root)
	if err != nil {
		return "", err
	}
	program, err := filepath.Abs(a.apidiff)
	if err != nil {
		return "", err
	}
	module, err := a.run(ctx, root, "go", "list", "-m")
	if err != nil {
		return "", err
	}
	before := filepath.Join(work, "before")
	if _, err := a.run(ctx, root, "git", "clone", "--quiet", "--shared", "--branch", tag, ".", before); err != nil {
		return "", err
	}
	for name, folder := range map[string]string{"old": before, "new": root} {
		if _, err := a.run(ctx, folder, program, "-m", "-w", filepath.Join(work, name), strings.TrimSpace(module)); err != nil {
			return "", err
		}
	}
	return a.run(ctx, work, program, "-m", "-incompatible", "old", "new") // packages below internal do not count
}

// run returns what a program prints.
func (a api) run(ctx context.Context, folder, program string, args ...string) (string, error) {
	var problem bytes.Buffer
	command := exec.CommandContext(ctx, program, args...)
	command.Dir, command.Stderr = folder, &problem
	said, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", filepath.Base(program), args[0], err, strings.TrimSpace(problem.String()))
	}
	return string(said), nil
}
