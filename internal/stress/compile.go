package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// pkg is a package with tests, compiled.
type pkg struct {
	path   string // as it is imported
	dir    string
	binary string
}

// compile compiles the tests of all packages that fit the patterns.
func compile(ctx context.Context, dir string, race bool, patterns []string) ([]pkg, error) {
	list := []string{"list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}\t{{.Dir}}{{end}}"}
	build := []string{"test", "-c"}
	if race { // some tests are built with it alone, some without it alone
		list, build = append(list, "-race"), append(build, "-race")
	}
	out, err := goCommand(ctx, append(list, patterns...)...)
	if err != nil {
		return nil, err
	}
	var packages []pkg
	for line := range strings.Lines(string(out)) {
		path, folder, found := strings.Cut(strings.TrimSpace(line), "\t")
		if !found {
			continue
		}
		p := pkg{path: path, dir: folder, binary: filepath.Join(dir, fmt.Sprint(len(packages)), "run.test")}
		if _, err := goCommand(ctx, slices.Concat(build, []string{"-o", p.binary, path})...); err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
	if len(packages) == 0 {
		return nil, errors.New("no package with tests")
	}
	return packages, nil
}

func goCommand(ctx context.Context, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, "go", args...)
	command.Stderr = os.Stderr
	var out bytes.Buffer
	command.Stdout = &out
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return out.Bytes(), nil
}
