package subject

import (
	"archive/tar"
	"bytes"
	"context"
	"debug/elf"
	_ "embed" // the manifest of the reference
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/testcontainers/testcontainers-go"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// startBuiltin runs the reference: in a container where it can, else here.
func startBuiltin(ctx context.Context, m *manifest.Manifest, o Options) (*Running, error) {
	if o.Binary == "" {
		return startInProcess(ctx, m, "in this process", o)
	}
	if err := static(o.Binary); err != nil {
		o.say("the reference runs in this process: %v", err)
		return startInProcess(ctx, m, "in this process, for its binary fits no empty container", o)
	}
	if err := EngineAnswers(ctx); err != nil {
		o.say("the reference runs in this process: %v", firstLine(err.Error()))
		return startInProcess(ctx, m, "in this process, for no container engine answers", o)
	}
	build, err := scratchImage(o.Binary)
	if err != nil {
		return nil, fmt.Errorf("pack the reference: %w", err)
	}
	return startContainer(ctx, m, recipe{
		kind: "builtin", runs: "in a container from scratch", build: build,
		entrypoint: []string{"/dragoman"},
		args:       []string{"serve", "--demo", "--listen", ":8080", "--grpc", ":9090", "--clock-control"},
		scheme:     scheme(m),
		ports:      manifest.Ports{HTTP: 8080, GRPC: 9090},
	}, o)
}

// static says why a file cannot run in an empty Linux container, if so.
func static(path string) error {
	file, err := elf.Open(path)
	if err != nil {
		return errors.New("this program is no Linux binary")
	}
	defer file.Close() //nolint:errcheck // it was only read
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			return errors.New("this program is linked dynamically; build it with CGO_ENABLED=0")
		}
	}
	return nil
}

// scratchDockerfile begins with the label, so that an interrupted build leaves no
// image that is not found again.
const scratchDockerfile = "FROM scratch\nARG run\nLABEL " + label + "=$run\nCOPY dragoman /dragoman\n"

// scratchImage is a build that holds nothing but the binary. It needs no pull.
func scratchImage(binary string) (testcontainers.FromDockerfile, error) {
	content, err := os.ReadFile(binary)
	if err != nil {
		return testcontainers.FromDockerfile{}, err
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	write := func(name string, mode int64, content []byte) error {
		header := &tar.Header{Name: name, Mode: mode, Size: int64(len(content))}
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		_, err := w.Write(content)
		return err
	}
	err = errors.Join(write("Dockerfile", 0o644, []byte(scratchDockerfile)), write("dragoman", 0o755, content), w.Close())
	return testcontainers.FromDockerfile{ContextArchive: bytes.NewReader(archive.Bytes())}, err
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

//go:embed reference.yaml
var referenceManifest []byte

// Reference is the manifest of the built-in reference server: all dialects and
// capabilities. Each call returns its own.
func Reference() *manifest.Manifest {
	m, err := manifest.Parse("reference.yaml", referenceManifest, func(string) (string, bool) { return "", false })
	if err != nil {
		panic(fmt.Sprintf("the built-in manifest is broken: %v", err)) // a test parses it
	}
	return m
}
