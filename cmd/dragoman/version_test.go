package main

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/release/sums"
)

// TestVersionCheck: what is said of a file of a release, and the exit code. What there
// is to find out about a file is tested in package sums.
func TestVersionCheck(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	write := func(name, content string) {
		if err := os.WriteFile(in(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("dragoman.tar.gz", "content")
	if err := sums.Write(folder, newKeys(t, in("key.pub"))); err != nil {
		t.Fatal(err)
	}
	newKeys(t, in("other.pub"))
	write("unknown.tar.gz", "else")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--check", in("dragoman.tar.gz"), "--key", in("key.pub")}, 0, "dragoman.tar.gz is of the release"},
		{[]string{"--check", in("dragoman.tar.gz")}, exitEnvironment, "nothing proves who wrote that list"},
		{[]string{"--check", in("dragoman.tar.gz"), "--key", in("other.pub")}, exitNonConformant, "another key signed it"},
		{[]string{"--check", in("unknown.tar.gz")}, exitNonConformant, "does not name unknown.tar.gz"},
		{[]string{"--check", in("dragoman.tar.gz"), "--sums", in("nowhere")}, exitUsage, "the list of digests"},
		{[]string{"--check", in("dragoman.tar.gz"), "--key", in("dragoman.tar.gz")}, exitUsage, "--key"},
		{[]string{"--key", in("key.pub")}, exitUsage, "name it with --check FILE"},
	} {
		if said, problem := runWant(t, c.code, append([]string{"version"}, c.args...)...); !strings.Contains(said+problem, c.says) {
			t.Errorf("%v: got %q and %q, want %q", c.args, said, problem, c.says)
		}
	}
}

// newKeys writes a public key, and returns the private one.
func newKeys(t *testing.T, path string) ed25519.PrivateKey {
	t.Helper()
	private, public, err := report.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, public, 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := report.ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
