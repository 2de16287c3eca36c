//go:build !race

package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/dragoman-auth/dragoman/internal/needs"
)

// TestDocuments lets the real program write its manual and completions.
func TestDocuments(t *testing.T) {
	t.Setenv("DRAGOMAN_URL", "http://of.this.machine")
	r := release{root: filepath.Join("..", ".."), version: "v1.2.3", epoch: 1_790_000_000}
	folder := filepath.Join(t.TempDir(), "documents")
	if err := r.document(t.Context(), folder); err != nil {
		t.Fatal(err)
	}
	documents, err := documentsIn(folder)
	if err != nil {
		t.Fatal(err)
	}
	pages := 0
	for _, d := range documents {
		if bytes.Contains(d.content, []byte("of.this.machine")) {
			t.Errorf("%s tells of the machine", d.path)
		}
		if strings.HasPrefix(d.path, manual) {
			pages++
			if !bytes.HasPrefix(d.content, []byte(".TH ")) || !bytes.Contains(d.content, []byte(`"2026-09-21" "v1.2.3"`)) {
				t.Errorf("%s begins with %.60s", d.path, d.content)
			}
		}
	}
	if pages < 40 || len(documents) != pages+len(completions) {
		t.Errorf("%d pages, %d documents", pages, len(documents))
	}
}

// query runs a program that looks into a package.
func query(t *testing.T, program string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), needs.Program(t, program), args...)
	command.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v: %s", program, args, err, out)
	}
	return string(out)
}

// installedFiles are what both kinds of packages bring, with their modes, but for the
// completion for zsh and the license.
var installedFiles = map[string]string{
	"/usr/bin/dragoman": "-rwxr-xr-x",
	"/usr/share/bash-completion/completions/dragoman": "-rw-r--r--",
	"/usr/share/doc/dragoman/CHANGELOG.md":            "-rw-r--r--",
	"/usr/share/doc/dragoman/README.md":               "-rw-r--r--",
	"/usr/share/man/man1/dragoman.1.gz":               "-rw-r--r--",
}

// wantFiles holds the list of a package against the files that it has to bring.
func wantFiles(t *testing.T, list []string, line *regexp.Regexp, besides ...string) {
	t.Helper()
	want := map[string]string{}
	for name, mode := range installedFiles {
		want[name] = mode
	}
	for _, name := range besides {
		want[name] = "-rw-r--r--"
	}
	for _, one := range list {
		found := line.FindStringSubmatch(one)
		if found == nil {
			t.Errorf("a line of another form, or of another owner or time: %s", one)
			continue
		}
		mode, name := found[1], strings.TrimPrefix(found[2], ".")
		if mode[0] == 'd' {
			continue
		}
		if want[name] != mode {
			t.Errorf("it brings %s with mode %s, want %q", name, mode, want[name])
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("it does not bring %v", want)
	}
}

func wantDebian(t *testing.T, path string) {
	t.Helper()
	about := query(t, "dpkg-deb", "--info", path)
	for _, want := range []string{"Package: dragoman\n", "Version: 1.2.3\n", "Architecture: amd64\n", "Maintainer: dragoman <", "Section: utils\n", "Description: Log in"} {
		if !strings.Contains(about, want) {
			t.Errorf("the package lacks %q:\n%s", want, about)
		}
	}
	list := strings.Split(strings.TrimSpace(query(t, "dpkg-deb", "--contents", path)), "\n")
	wantFiles(t, list, regexp.MustCompile(`^(\S+) root/root +\d+ 2026-09-21 \d\d:\d\d (\S+)$`), "/usr/share/doc/dragoman/copyright", "/usr/share/zsh/vendor-completions/_dragoman")
	unpacked := t.TempDir()
	query(t, "dpkg-deb", "--extract", path, unpacked)
	page, err := gzip.NewReader(bytes.NewReader(get(t, filepath.Join(unpacked, "usr/share/man/man1/dragoman.1.gz"))))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(page); err != nil || string(text) != ".TH DRAGOMAN 1\n" || !page.ModTime.IsZero() || page.Name != "" {
		t.Errorf("the page is %q of %s, named %q (%v)", text, page.ModTime, page.Name, err)
	}
}

func wantRPM(t *testing.T, path string) {
	t.Helper()
	about := query(t, "rpm", "-qp", "--nosignature", "--queryformat", "%{NAME} %{VERSION} %{ARCH} %{LICENSE} %{BUILDHOST} %{BUILDTIME}\n", path)
	if want := "dragoman 1.2.3 aarch64 Apache-2.0 localhost 1790000000\n"; about != want {
		t.Errorf("the package is %q, want %q", about, want)
	}
	list := query(t, "rpm", "-qp", "--nosignature", "--queryformat", "[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILEMTIMES} %{FILENAMES}\n]", path)
	wantFiles(t, strings.Split(strings.TrimSpace(list), "\n"), regexp.MustCompile(`^(\S+) root/root 1790000000 (\S+)$`),
		"/usr/share/doc/dragoman/LICENSE", "/usr/share/zsh/site-functions/_dragoman")
}

// wantCycloneDX holds a bill of materials against what the schema of CycloneDX 1.6
// requires of the members that it has, and refuses of those that it does not know.
func wantCycloneDX(t *testing.T, path string) {
	t.Helper()
	var bill map[string]any
	decode(t, get(t, path), &bill)
	for _, problem := range cycloneProblems(bill) {
		t.Errorf("%s: %s", filepath.Base(path), problem)
	}
}

// Members of CycloneDX 1.6, those that are required first.
var (
	billMembers      = members{2, []string{"bomFormat", "specVersion", "$schema", "serialNumber", "version", "metadata", "components", "dependencies"}}
	componentMembers = members{2, []string{"type", "name", "bom-ref", "version", "purl", "hashes"}}
	hashMembers      = members{2, []string{"alg", "content"}}
	dependMembers    = members{1, []string{"ref", "dependsOn"}}
	metadataMembers  = members{0, []string{"timestamp", "component", "tools", "properties"}}
)

type members struct {
	required int
	names    []string
}

// of says what an object lacks or has besides.
func (m members) of(where string, object any) (problems []string) {
	fields, is := object.(map[string]any)
	if !is {
		return []string{where + " is no object"}
	}
	for _, name := range m.names[:m.required] {
		if fields[name] == nil || fields[name] == "" {
			problems = append(problems, where+" lacks "+name)
		}
	}
	for name := range fields {
		if !slices.Contains(m.names, name) {
			problems = append(problems, where+" has "+name)
		}
	}
	return problems
}

func cycloneProblems(bill map[string]any) (problems []string) {
	expect := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Sprintf(format, args...))
		}
	}
	problems = billMembers.of("the bill", bill)
	expect(bill["bomFormat"] == "CycloneDX" && bill["specVersion"] == "1.6", "it is %v %v", bill["bomFormat"], bill["specVersion"])
	number, _ := bill["serialNumber"].(string)
	expect(strings.HasPrefix(number, "urn:uuid:") && uuid.Validate(strings.TrimPrefix(number, "urn:uuid:")) == nil, "its number is %q", number)
	version, _ := bill["version"].(float64)
	expect(version >= 1, "its version is %v", bill["version"])
	metadata, _ := bill["metadata"].(map[string]any)
	problems = append(problems, metadataMembers.of("metadata", metadata)...)
	stamp, _ := metadata["timestamp"].(string)
	_, err := time.Parse(time.RFC3339, stamp)
	expect(err == nil, "its time is %q", stamp)
	parts, _ := bill["components"].([]any)
	refs := map[any]bool{}
	for i, one := range append([]any{metadata["component"]}, parts...) {
		where := fmt.Sprintf("component %d", i)
		problems = append(problems, componentMembers.of(where, one)...)
		part, _ := one.(map[string]any)
		expect(part["type"] == "application" || part["type"] == "library", "%s is of the type %v", where, part["type"])
		expect(!refs[part["bom-ref"]], "%s has the same bom-ref as another", where)
		refs[part["bom-ref"]] = true
		hashes, _ := part["hashes"].([]any)
		for _, h := range hashes {
			problems = append(problems, hashMembers.of(where, h)...)
			hash, _ := h.(map[string]any)
			content, _ := hash["content"].(string)
			expect(hash["alg"] == "SHA-256" && regexp.MustCompile("^[0-9a-f]{64}$").MatchString(content), "%s has the hash %v", where, h)
		}
	}
	depends, _ := bill["dependencies"].([]any)
	for _, one := range depends {
		problems = append(problems, dependMembers.of("a dependency", one)...)
		dependency, _ := one.(map[string]any)
		on, _ := dependency["dependsOn"].([]any)
		for _, ref := range append(on, dependency["ref"]) {
			expect(refs[ref], "a dependency names %v, which is no component", ref)
		}
	}
	return problems
}

// TestCycloneProblems: the check above sees what the schema refuses.
func TestCycloneProblems(t *testing.T) {
	t.Parallel()
	sound := func() map[string]any {
		return map[string]any{
			"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1.0, "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
			"metadata":     map[string]any{"timestamp": "2026-09-21T00:00:00Z", "component": map[string]any{"type": "application", "name": "a", "bom-ref": "a"}},
			"dependencies": []any{map[string]any{"ref": "a"}},
		}
	}
	if problems := cycloneProblems(sound()); problems != nil {
		t.Errorf("a sound bill has %v", problems)
	}
	for member, wrong := range map[string]any{
		"bomFormat": "SPDX", "specVersion": "1.5", "version": 0.0, "serialNumber": "1", "metadata": map[string]any{}, "parts": []any{},
		"components": []any{map[string]any{"type": "library", "name": "b", "bom-ref": "a"}}, "dependencies": []any{map[string]any{"ref": "b"}},
	} {
		bill := sound()
		bill[member] = wrong
		if cycloneProblems(bill) == nil {
			t.Errorf("a bill whose %s is %v has no problem", member, wrong)
		}
	}
}
