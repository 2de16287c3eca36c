package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// buildFlags are those of go build. What git says of a folder depends on the folder, so
// the binary does not ask it; the version says what was built.
func (r release) buildFlags() []string {
	return []string{"-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version=" + r.version}
}

// compile builds dragoman for a target. What the environment says about code that Go
// generates does not count.
func (r release) compile(ctx context.Context, t target, path string) error {
	args := slices.Concat([]string{"build"}, r.buildFlags(), []string{"-o", path, "./cmd/dragoman"})
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = r.root
	command.Env = slices.DeleteFunc(os.Environ(), func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return slices.Contains([]string{"GOFLAGS", "GOEXPERIMENT", "GOFIPS140", "GOWORK"}, name)
	})
	command.Env = append(command.Env, "CGO_ENABLED=0", "GOWORK=off", "GOOS="+t.os, "GOARCH="+t.arch, "GOAMD64=v1", "GOARM64=v8.0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
