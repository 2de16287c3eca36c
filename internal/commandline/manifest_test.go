package commandline_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/commandline"
)

// TestManifestError: what is named in place of a manifest is told by what it is, with
// the command that leads to one. What is a manifest with a mistake keeps its error.
func TestManifestError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"server.py": "import http.server\n", "run": "#!/bin/sh\nexec server\n", "server": "\x7fELF\x02\x01\x00\x00", "dragon.yaml": "", "Dockerfile": "FROM scratch\n",
		"wrong.yaml": "subjekt: {}\n", "dockerfile.yaml": "subjekt: {}\n", "Dockerfile.dev": "FROM scratch\n", "with/dragoman.yaml": "", "build/Dockerfile": "FROM scratch\n", "bare/x": "",
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	cause := errors.New("the cause")
	const usage = ", and the argument is the file of a manifest"
	tests := map[string]string{ // DIR is the folder
		"http://localhost:8080":                                   `http://localhost:8080 is an address` + usage + `: "dragoman init --url http://localhost:8080" writes one`,
		"https://ann:secret@shop.example/api?token=secret#secret": `https://shop.example/api is an address` + usage + `: "dragoman init --url https://shop.example/api" writes one`,
		"https://ann:sec%ret@shop.example":                        `URL is an address` + usage + `: "dragoman init --url URL" writes one`,
		"localhost:8080":                                          `localhost:8080 is an address` + usage + `: "dragoman init --url http://localhost:8080" writes one`,
		"localhost:8080/api":                                      `localhost:8080/api is an address` + usage + `: "dragoman init --url http://localhost:8080/api" writes one`,
		":8080":                                                   `:8080 is an address` + usage + `: "dragoman init --url http://localhost:8080" writes one`,
		"127.0.0.1:80":                                            `127.0.0.1:80 is an address` + usage + `: "dragoman init --url http://127.0.0.1:80" writes one`,
		"[::1]:8080":                                              `[::1]:8080 is an address` + usage + `: "dragoman init --url http://[::1]:8080" writes one`,
		"shop.example:443":                                        `shop.example:443 is an address` + usage + `: "dragoman init --url http://shop.example:443" writes one`,
		"my/back-office:1.2":                                      `there is no file my/back-office:1.2` + usage + `: if it is an image, "dragoman init --image my/back-office:1.2" writes one`,
		"postgres:16":                                             `there is no file postgres:16` + usage + `: if it is an image, "dragoman init --image postgres:16" writes one`,
		"localhost:5000/a:1":                                      `there is no file localhost:5000/a:1` + usage + `: if it is an image, "dragoman init --image localhost:5000/a:1" writes one`,
		"DIR/nosuch.yaml":                                         `there is no file DIR/nosuch.yaml: correct the path, or write a manifest with "dragoman init"`,
		"DIR/dragom.yaml":                                         `there is no file DIR/dragom.yaml: correct the path, or write a manifest with "dragoman init"; did you mean "dragon.yaml"?`,
		"DIR/with":                                                `DIR/with is a folder` + usage + `: name DIR/with/dragoman.yaml`,
		"DIR/build":                                               `DIR/build is a folder` + usage + `: "dragoman init --dockerfile DIR/build" writes one`,
		"DIR/bare":                                                `DIR/bare is a folder` + usage + `: "dragoman init" writes one`,
		"DIR/build/Dockerfile":                                    `DIR/build/Dockerfile is a Dockerfile` + usage + `: "dragoman init --dockerfile DIR/build" writes one`,
		"DIR/server.py":                                           `DIR/server.py is a program` + usage + `: "dragoman init --command ..." writes one that starts it`,
		"DIR/run":                                                 `DIR/run is a program` + usage + `: "dragoman init --command ..." writes one that starts it`,
		"DIR/server":                                              `DIR/server is a program` + usage + `: "dragoman init --command ..." writes one that starts it`,
		"DIR/dragon.yaml":                                         `DIR/dragon.yaml is empty; write a manifest with "dragoman init --force -o DIR/dragon.yaml"`,
		"DIR/Dockerfile.dev":                                      `DIR/Dockerfile.dev is a Dockerfile` + usage + `: "dragoman init --dockerfile DIR" writes one`,
		"DIR/dockerfile.yaml":                                     `the cause`,
		"DIR/wrong.yaml":                                          `the cause`,
		"DIR/wrong.yaml/below":                                    `the cause`,
	}
	for argument, want := range tests {
		t.Run(argument, func(t *testing.T) {
			t.Parallel()
			argument, want := strings.ReplaceAll(argument, "DIR", dir), strings.ReplaceAll(want, "DIR", dir)
			if err := commandline.ManifestError(argument, cause); err == nil || err.Error() != want {
				t.Errorf("says  %v\nwants %s", err, want)
			}
		})
	}
}
