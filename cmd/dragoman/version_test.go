package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/release/sums"
)

// TestVersionCheck: what is said of a file of a release, and the exit code.
func TestVersionCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(t *testing.T, dir string)
		flags  []string
		code   int
		says   string
	}{
		"all holds":        {nil, []string{"--key", "key.pub"}, 0, "is of the release"},
		"no key":           {nil, nil, exitEnvironment, "nothing proves who wrote that list"},
		"another key":      {nil, []string{"--key", "other.pub"}, exitNonConformant, "another key signed it"},
		"another content":  {func(t *testing.T, dir string) { rewrite(t, dir, "dragoman.tar.gz", "else") }, []string{"--key", "key.pub"}, exitNonConformant, "is not the file of the release"},
		"a changed list":   {func(t *testing.T, dir string) { rewrite(t, dir, sums.ListName, strings.Repeat("0", 64)+"  x\n") }, []string{"--key", "key.pub"}, exitNonConformant, "the list was changed"},
		"no list":          {func(t *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, sums.ListName)) }, nil, exitUsage, "the list of digests"},
		"no signature":     {func(t *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, sums.SignatureName)) }, []string{"--key", "key.pub"}, exitNonConformant, "is not signed"},
		"a key that is no": {nil, []string{"--key", "dragoman.tar.gz"}, exitUsage, "--key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := releaseFolder(t)
			if c.change != nil {
				c.change(t, dir)
			}
			args := []string{"version", "--check", filepath.Join(dir, "dragoman.tar.gz")}
			for _, flag := range c.flags {
				if !strings.HasPrefix(flag, "--") {
					flag = filepath.Join(dir, flag)
				}
				args = append(args, flag)
			}
			if said, problem := runWant(t, c.code, args...); !strings.Contains(said+problem, c.says) {
				t.Errorf("got %q and %q, want %q", said, problem, c.says)
			}
		})
	}
	if _, problem := runWant(t, exitUsage, "version", "--key", "x"); !strings.Contains(problem, "--check FILE") {
		t.Errorf("a key and no file: %s", problem)
	}
}

// releaseFolder is a release of one file, its list, its signature and two public keys.
func releaseFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	rewrite(t, dir, "dragoman.tar.gz", "content")
	entries, err := sums.Of([]string{filepath.Join(dir, "dragoman.tar.gz")})
	if err != nil {
		t.Fatal(err)
	}
	list := sums.Format(entries)
	private, public, err := report.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := report.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := report.ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	rewrite(t, dir, sums.ListName, string(list))
	rewrite(t, dir, sums.SignatureName, string(sums.Sign(list, key)))
	rewrite(t, dir, "key.pub", string(public))
	rewrite(t, dir, "other.pub", string(other))
	return dir
}

func rewrite(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
