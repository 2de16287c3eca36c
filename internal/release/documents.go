package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// document is a page of the manual, or the completion for a shell.
type document struct {
	path    string // in an archive, with slashes
	content []byte
}

// completions are the files that shells look for.
var completions = map[string]string{"bash": "dragoman.bash", "zsh": "_dragoman", "fish": "dragoman.fish", "powershell": "dragoman.ps1"}

// The folders of documents in an archive.
const (
	manual    = "man/man1/"
	completed = "completions/"
)

// document lets dragoman, built for this machine, write its manual and completions into a
// folder. They are the same for every system.
func (r release) document(ctx context.Context, folder string) error {
	host := target{runtime.GOOS, runtime.GOARCH}
	program := filepath.Join(filepath.Dir(folder), "documenting", host.program())
	if err := r.compile(ctx, host, program); err != nil {
		return err
	}
	if _, err := r.ask(ctx, program, "man", "--dir", filepath.Join(folder, filepath.FromSlash(manual))); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(folder, completed), 0o700); err != nil {
		return err
	}
	for shell, name := range completions {
		script, err := r.ask(ctx, program, "completion", shell)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, completed, name), script, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// ask runs dragoman with nothing of this machine's settings but the time of the release.
func (r release) ask(ctx context.Context, program string, args ...string) ([]byte, error) {
	var problem bytes.Buffer
	command := exec.CommandContext(ctx, program, args...)
	command.Stderr = &problem
	command.Env = append(slices.DeleteFunc(os.Environ(), func(setting string) bool {
		return strings.HasPrefix(setting, "DRAGOMAN_")
	}), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.epoch))
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("dragoman %s: %w: %s", args[0], err, problem.Bytes())
	}
	return out, nil
}

// documentsIn reads what document has written, by path.
func documentsIn(folder string) ([]document, error) {
	var found []document
	for _, part := range []string{completed, manual} {
		entries, err := os.ReadDir(filepath.Join(folder, filepath.FromSlash(part)))
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			content, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(part), entry.Name()))
			if err != nil {
				return nil, err
			}
			found = append(found, document{part + entry.Name(), content})
		}
	}
	return found, nil
}

// installed is where a package of a kind puts a document, or "" where it has no use for
// it. Pages of the manual are compressed there.
func (d document) installed(kind string) string {
	if page, is := strings.CutPrefix(d.path, manual); is {
		return "/usr/share/man/man1/" + page + ".gz"
	}
	zsh := map[string]string{"deb": "vendor-completions", "rpm": "site-functions"}[kind]
	return map[string]string{
		completions["bash"]: "/usr/share/bash-completion/completions/dragoman",
		completions["zsh"]:  "/usr/share/zsh/" + zsh + "/_dragoman",
		completions["fish"]: "/usr/share/fish/vendor_completions.d/dragoman.fish",
	}[strings.TrimPrefix(d.path, completed)]
}

// packaged is the content of a document in a package.
func (d document) packaged() ([]byte, error) {
	if !strings.HasPrefix(d.path, manual) {
		return d.content, nil
	}
	var out bytes.Buffer
	compressor, err := gzip.NewWriterLevel(&out, gzip.BestCompression) // its header has no name and no time
	if err != nil {
		return nil, err
	}
	if _, err := compressor.Write(d.content); err != nil {
		return nil, err
	}
	if err := compressor.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
