//go:build !race

package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/needs"
	"github.com/dragoman-auth/dragoman/internal/release/sums"
)

// sample is a release of small programs, in a folder that is not there yet.
func sample(t *testing.T) (r release, public string) {
	t.Helper()
	folder := t.TempDir()
	private, key, err := report.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	public = filepath.Join(folder, "key.pub")
	put(t, public, key, 0o600)
	r = release{
		root: filepath.Join("..", ".."), out: filepath.Join(folder, "dist"), version: "v1.2.3",
		commit: strings.Repeat("0a", 20), epoch: 1_790_000_000, nfpm: "no-nfpm",
	}
	r.explain = func(_ context.Context, folder string) error {
		for name, text := range map[string]string{manual + "dragoman.1": ".TH DRAGOMAN 1\n", completed + "dragoman.bash": "# bash\n", completed + "_dragoman": "# zsh\n", completed + "dragoman.ps1": "# PowerShell\n"} {
			path := filepath.Join(folder, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return err
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				return err
			}
		}
		return nil
	}
	if r.key, err = report.ParsePrivateKey(private); err != nil {
		t.Fatal(err)
	}
	return r, public
}

func put(t *testing.T, path string, content []byte, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, content, mode); err != nil {
		t.Fatal(err)
	}
}

// small builds a program that does nothing, and lets a release take it for dragoman on
// every system.
func small(t *testing.T, releases ...*release) {
	t.Helper()
	folder := t.TempDir()
	put(t, filepath.Join(folder, "go.mod"), []byte("module example.com/small\n"), 0o600)
	put(t, filepath.Join(folder, "main.go"), []byte("package main\n\nfunc main() {}\n"), 0o600)
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", "small", ".")
	build.Dir = folder
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	program, err := os.ReadFile(filepath.Join(folder, "small"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range releases {
		r.nfpm = needs.Program(t, "nfpm")
		r.build = func(_ context.Context, _ target, path string) error {
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return err
			}
			return os.WriteFile(path, program, 0o700)
		}
	}
}

// TestReleaseIsTheSameTwice makes a release in two folders and compares each byte, then
// looks into its files.
func TestReleaseIsTheSameTwice(t *testing.T) {
	t.Parallel()
	first, public := sample(t)
	second := first
	second.out = filepath.Join(t.TempDir(), "again")
	small(t, &first, &second)
	for _, r := range []release{first, second} {
		if err := r.make(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	names, err := sameFilesIn(first.out, second.out)
	if err != nil {
		t.Error(err)
	}
	// Three files for each system, three more for each kind of Linux, and three about all.
	if want := 6*2 + 2*3 + 3; len(names) != want {
		t.Errorf("%d files, want %d: %v", len(names), want, names)
	}
	for _, name := range names {
		if strings.HasPrefix(name, sums.ListName) {
			continue
		}
		found, err := sums.Check(sums.Download{File: filepath.Join(first.out, name), Key: public})
		if err != nil || !found.Proven() {
			t.Errorf("%s: %+v (%v)", name, found, err)
		}
	}
	wantArchives(t, first)
	wantImage(t, filepath.Join(first.out, "dragoman_1.2.3_image_arm64.tar"))
	wantDebian(t, filepath.Join(first.out, "dragoman_1.2.3_linux_amd64.deb"))
	wantRPM(t, filepath.Join(first.out, "dragoman_1.2.3_linux_arm64.rpm"))
	for _, name := range names {
		if strings.HasSuffix(name, ".cdx.json") {
			wantCycloneDX(t, filepath.Join(first.out, name))
		}
	}
	wantDocuments(t, first, names)
}

func get(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// eachFile reads a tar to its end.
func eachFile(t *testing.T, packed io.Reader, do func(header *tar.Header, content []byte)) {
	t.Helper()
	for archive := tar.NewReader(packed); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		do(header, content)
	}
}

func wantArchives(t *testing.T, r release) {
	t.Helper()
	const folder = "dragoman_1.2.3_darwin_arm64/"
	compressed, err := gzip.NewReader(bytes.NewReader(get(t, filepath.Join(r.out, "dragoman_1.2.3_darwin_arm64.tar.gz"))))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	eachFile(t, compressed, func(header *tar.Header, _ []byte) {
		if header.Uid != 0 || header.Uname != "" || header.ModTime.Unix() != r.epoch {
			t.Errorf("%s tells of the machine: %+v", header.Name, header)
		}
		names = append(names, strings.TrimPrefix(header.Name, folder))
	})
	if want := []string{"CHANGELOG.md", "LICENSE", "README.md", "completions/_dragoman", "completions/dragoman.bash", "completions/dragoman.ps1", "dragoman", "man/man1/dragoman.1"}; !slices.Equal(names, want) {
		t.Errorf("the archive holds %v, want %v", names, want)
	}
	zipped, err := zip.OpenReader(filepath.Join(r.out, "dragoman_1.2.3_windows_amd64.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer zipped.Close()
	if at := slices.IndexFunc(zipped.File, func(f *zip.File) bool { return f.Name == "dragoman_1.2.3_windows_amd64/dragoman.exe" }); at < 0 || zipped.File[at].Mode() != 0o755 {
		t.Errorf("the zip holds no program: %v", zipped.File)
	}
}

// wantImage reads an image as Docker does and as the OCI layout says.
func wantImage(t *testing.T, path string) {
	t.Helper()
	files := map[string][]byte{}
	eachFile(t, bytes.NewReader(get(t, path)), func(header *tar.Header, content []byte) { files[header.Name] = content })
	var docker []struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
	decode(t, files["manifest.json"], &docker)
	type pointer struct {
		Digest string
		Size   int
	}
	var index struct{ Manifests []pointer }
	decode(t, files["index.json"], &index)
	var manifest struct {
		Config pointer
		Layers []pointer
	}
	decode(t, files[strings.Replace("blobs/"+index.Manifests[0].Digest, ":", "/", 1)], &manifest)
	if "blobs/sha256/"+strings.TrimPrefix(manifest.Config.Digest, "sha256:") != docker[0].Config || docker[0].RepoTags[0] != "dragoman:1.2.3" {
		t.Errorf("Docker reads %+v, others %+v", docker, manifest)
	}
	if layer := files[docker[0].Layers[0]]; len(layer) == 0 || len(layer) != manifest.Layers[0].Size {
		t.Errorf("the layer has %d bytes, %+v", len(layer), manifest.Layers)
	}
	var config struct {
		Architecture string
		Config       struct{ User string }
	}
	decode(t, files[docker[0].Config], &config)
	if config.Architecture != "arm64" || config.Config.User != "65532:65532" {
		t.Errorf("the image is for %+v", config)
	}
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}

// wantDocuments holds the provenance against the files, and looks at a bill of materials.
func wantDocuments(t *testing.T, r release, names []string) {
	t.Helper()
	var statement struct {
		Subject []struct {
			Name   string
			Digest struct{ SHA256 string }
		}
		PredicateType string
	}
	decode(t, get(t, filepath.Join(r.out, "dragoman_1.2.3_provenance.intoto.json")), &statement)
	if statement.PredicateType != "https://slsa.dev/provenance/v1" || len(statement.Subject) != len(names)-3 {
		t.Errorf("the statement is about %d of %d files: %+v", len(statement.Subject), len(names), statement)
	}
	list := string(get(t, filepath.Join(r.out, sums.ListName)))
	for _, file := range statement.Subject {
		if !strings.Contains(list, file.Digest.SHA256+"  "+file.Name+"\n") {
			t.Errorf("the statement is about another %s", file.Name)
		}
	}
	var bill struct {
		BOMFormat  string
		Metadata   struct{ Component struct{ PURL string } }
		Components []struct{ PURL string }
	}
	decode(t, get(t, filepath.Join(r.out, "dragoman_1.2.3_windows_arm64.cdx.json")), &bill)
	if bill.BOMFormat != "CycloneDX" || bill.Metadata.Component.PURL != "pkg:golang/example.com/small@v1.2.3" ||
		len(bill.Components) != 1 || !strings.HasPrefix(bill.Components[0].PURL, "pkg:golang/std@1.") {
		t.Errorf("the bill of materials is %+v", bill)
	}
}

// TestUnusableReleases end at once, and leave nothing behind.
func TestUnusableReleases(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(r *release){
		`"1.2.3" is no version`:             func(r *release) { r.version = "1.2.3" },
		`"v1.2.3;id" is no version`:         func(r *release) { r.version = "v1.2.3;id" },
		"the sources differ":                func(r *release) { r.version = "v1.2.3-dirty" },
		`"HEAD" is no commit`:               func(r *release) { r.commit = "HEAD" },
		"-epoch has to be":                  func(r *release) { r.epoch = 0 },
		"is there already":                  func(r *release) { r.out = "." },
		"build linux/amd64: unexpected EOF": func(*release) {},
	} {
		r, _ := sample(t)
		r.build = func(context.Context, target, string) error { return io.ErrUnexpectedEOF }
		change(&r)
		err := r.make(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if _, err := os.Lstat(r.out); r.out != "." && err == nil {
			t.Errorf("%s: a folder is left behind", want)
		}
	}
	if err := run(t.Context(), []string{"-version", "v1.2.3"}); err == nil || !strings.Contains(err.Error(), "make release KEY=FILE") {
		t.Errorf("without a key: %v", err)
	}
}

// TestReleasesThatDiffer: a release with another byte, another file or none is not the same.
func TestReleasesThatDiffer(t *testing.T) {
	t.Parallel()
	folder := func(files map[string]string) string {
		path := t.TempDir()
		for name, text := range files {
			put(t, filepath.Join(path, name), []byte(text), 0o600)
		}
		return path
	}
	one := folder(map[string]string{"a": "1", "b": "2"})
	for want, other := range map[string]string{
		"":                                  folder(map[string]string{"a": "1", "b": "2"}),
		"b has other bytes the second time": folder(map[string]string{"a": "1", "b": "3"}),
		"the other [a]":                     folder(map[string]string{"a": "1"}),
		"the other []":                      folder(nil),
	} {
		_, err := sameFilesIn(one, other)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := sameFilesIn(folder(nil), folder(nil)); err == nil {
		t.Error("two empty releases are the same")
	}
}
