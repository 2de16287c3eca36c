package main

import (
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/dragoman-auth/dragoman/internal/release/bom"
	"github.com/dragoman-auth/dragoman/internal/release/pack"
	"github.com/dragoman-auth/dragoman/internal/release/sums"
)

// pages are what every archive and package has beside the program.
var pages = []string{"LICENSE", "README.md", "CHANGELOG.md"}

// name is that of a file of the release.
func (r release) name(parts string) string { return "dragoman_" + r.version[1:] + "_" + parts }

func (r release) at() time.Time { return time.Unix(r.epoch, 0).UTC() }

// write makes a file of the release.
func (r release) write(name string, content func(io.Writer) error) error {
	file, err := os.OpenFile(filepath.Join(r.out, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // everybody may read a release
	if err != nil {
		return err
	}
	if err := content(file); err != nil {
		_ = file.Close() // the first error counts
		return fmt.Errorf("write %s: %w", name, err)
	}
	return file.Close()
}

// pack makes all files of a target.
func (r release) pack(ctx context.Context, t target, binary string, documents []document) error {
	program, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	if err := r.archive(t, program, documents); err != nil {
		return err
	}
	if t.os == "linux" {
		if err := r.image(t, program); err != nil {
			return err
		}
		for _, kind := range []string{"deb", "rpm"} {
			if err := r.system(ctx, t, kind, binary, documents); err != nil {
				return err
			}
		}
	}
	digest := sha256.Sum256(program)
	text, err := bom.CycloneDX(bom.Binary{
		Path: binary, Name: r.name(t.os + "_" + t.arch), Version: r.version, Digest: hex.EncodeToString(digest[:]), Built: r.at(),
	})
	if err != nil {
		return err
	}
	return r.write(r.name(t.os+"_"+t.arch+".cdx.json"), bytesOf(text))
}

// archive holds the program, the pages and the documents in one folder.
func (r release) archive(t target, program []byte, documents []document) error {
	folder := r.name(t.os + "_" + t.arch)
	files := []pack.File{{Name: folder + "/" + t.program(), Content: program, Mode: 0o755}}
	for _, page := range pages {
		content, err := os.ReadFile(filepath.Join(r.root, page))
		if err != nil {
			return err
		}
		files = append(files, pack.File{Name: folder + "/" + page, Content: content, Mode: 0o644})
	}
	for _, d := range documents {
		files = append(files, pack.File{Name: folder + "/" + d.path, Content: d.content, Mode: 0o644})
	}
	if t.os == "windows" {
		return r.write(folder+".zip", func(w io.Writer) error { return pack.Zip(w, r.at(), files) })
	}
	return r.write(folder+".tar.gz", func(w io.Writer) error { return pack.TarGz(w, r.at(), files) })
}

// image is the image of the Dockerfile.
func (r release) image(t target, program []byte) error {
	const nobody = 65532
	image := pack.Image{
		Tag: "dragoman:" + r.version[1:], Architecture: t.arch, Created: r.at(),
		Files: []pack.File{{Name: "dragoman", Content: program, Mode: 0o755}, {Name: "data/", Mode: 0o755, Owner: nobody}},
		Config: pack.ImageConfig{
			User: "65532:65532", ExposedPorts: map[string]struct{}{"8080/tcp": {}, "9090/tcp": {}},
			Env: []string{"DRAGOMAN_DATA_DIR=/data"}, Entrypoint: []string{"/dragoman"},
			Cmd: []string{"serve", "--listen", ":8080", "--grpc", ":9090"},
			Labels: map[string]string{
				"org.opencontainers.image.version": r.version[1:], "org.opencontainers.image.revision": r.commit,
				"org.opencontainers.image.source": homepage,
			},
		},
	}
	return r.write(r.name("image_"+t.arch+".tar"), image.Write)
}

// conclude writes what is about all files: the provenance, the list, the signature.
func (r release) conclude(binary string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	entries, err := sums.Of(r.out)
	if err != nil {
		return err
	}
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = t.os + "/" + t.arch
	}
	statement, err := bom.Provenance(bom.Build{
		Version: r.version, Commit: r.commit, Epoch: r.epoch, GoVersion: info.GoVersion, Targets: names, Flags: r.buildFlags(),
	}, entries)
	if err != nil {
		return err
	}
	if err := r.write(r.name("provenance.intoto.json"), bytesOf(statement)); err != nil {
		return err
	}
	return sums.Write(r.out, r.key)
}

// bytesOf writes bytes.
func bytesOf(content []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	}
}
