package sums_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/release/sums"
)

// folder is a small release: two files, their list, its signature and the key.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "a.tar.gz", "first")
	write(t, dir, "b.deb", "second")
	private, public, err := report.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := report.ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	if err := sums.Write(dir, key); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "key.pub", string(public))
	return dir
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestCheckTellsEachMistake: each is found, and named.
func TestCheckTellsEachMistake(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change         func(t *testing.T, dir string)
		file           string
		noKey          bool
		listed, signed string // "" where it holds
		broken         string // the error, where there is nothing to judge by
	}{
		"all is well":     {},
		"the other file":  {file: "b.deb"},
		"no key":          {noKey: true},
		"a changed file":  {change: func(t *testing.T, dir string) { write(t, dir, "a.tar.gz", "First") }, listed: "a.tar.gz is not the file of the release"},
		"an unknown file": {change: func(t *testing.T, dir string) { write(t, dir, "c", "third") }, file: "c", listed: "does not name c, nor any file"},
		"a renamed file":  {change: func(t *testing.T, dir string) { write(t, dir, "c", "first") }, file: "c", listed: "it calls a.tar.gz"},
		"a changed list": {change: func(t *testing.T, dir string) {
			write(t, dir, sums.ListName, strings.ToUpper(read(t, dir, sums.ListName)[:64])+read(t, dir, sums.ListName)[64:])
		}, signed: "the list was changed"},
		"another key": {change: func(t *testing.T, dir string) {
			write(t, dir, "key.pub", read(t, folder(t), "key.pub"))
		}, signed: "another key signed it"},
		"a cut signature": {change: func(t *testing.T, dir string) {
			write(t, dir, sums.SignatureName, read(t, dir, sums.SignatureName)[1:])
		}, signed: "is no signature of the list by this key"},
		"no signature": {change: func(t *testing.T, dir string) { remove(t, dir, sums.SignatureName) }, signed: "there is no "},
		"no list":      {change: func(t *testing.T, dir string) { remove(t, dir, sums.ListName) }, broken: "the list of digests: "},
		"no file":      {file: "nowhere", broken: "nowhere"},
		"no key file":  {change: func(t *testing.T, dir string) { remove(t, dir, "key.pub") }, broken: "--key: "},
		"a key that is none": {change: func(t *testing.T, dir string) { write(t, dir, "key.pub", "key") },
			broken: "no public key in PEM"},
		"an empty list": {change: func(t *testing.T, dir string) { write(t, dir, sums.ListName, "") }, broken: "it names no file"},
		"a list of another form": {change: func(t *testing.T, dir string) { write(t, dir, sums.ListName, "a.tar.gz\n") },
			broken: "line 1 is no digest and file name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t)
			if row.change != nil {
				row.change(t, dir)
			}
			if row.file == "" {
				row.file = "a.tar.gz"
			}
			d := sums.Download{File: filepath.Join(dir, row.file), Key: filepath.Join(dir, "key.pub")}
			if row.noKey {
				d.Key = ""
			}
			found, err := sums.Check(d)
			expect(t, "the check", err, row.broken)
			expect(t, "the list", found.Listed, row.listed)
			expect(t, "the signature", found.Signed, row.signed)
			if want := !row.noKey && row.listed == "" && row.signed == ""; err == nil && found.Proven() != want {
				t.Errorf("proven: %v, want %v", found.Proven(), want)
			}
		})
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, what string, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want %q", what, err, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(strings.Repeat("0a", 32) + "  dragoman.tar.gz\n"))
	f.Add([]byte(strings.Repeat("0A", 32) + " *dragoman.deb\r\n"))
	f.Add([]byte(strings.Repeat("0a", 32) + "  ../dragoman\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		entries, err := sums.Parse(text)
		if err != nil {
			return
		}
		again, err := sums.Parse(sums.Format(entries))
		if err != nil || len(again) != len(entries) {
			t.Errorf("%q is read as %v, and that as %v (%v)", text, entries, again, err)
		}
	})
}
