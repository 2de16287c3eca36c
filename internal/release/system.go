package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/goccy/go-yaml"
)

const homepage = "https://github.com/dragoman-auth/dragoman"

// content is a file of a package, as nfpm reads it.
type content struct {
	Source      string   `yaml:"src"`
	Destination string   `yaml:"dst"`
	Info        fileInfo `yaml:"file_info"`
}

type fileInfo struct {
	Mode  int       `yaml:"mode"`
	MTime time.Time `yaml:"mtime"`
	Owner string    `yaml:"owner"`
	Group string    `yaml:"group"`
}

// system makes a package of a Linux distribution, deb or rpm, with nfpm.
func (r release) system(ctx context.Context, t target, kind, binary string, documents []document) error {
	contents := []content{r.content(binary, "/usr/bin/dragoman", 0o755)}
	for _, page := range pages {
		to := page
		if page == "LICENSE" && kind == "deb" {
			to = "copyright" // its name in Debian
		}
		contents = append(contents, r.content(filepath.Join(r.root, page), "/usr/share/doc/dragoman/"+to, 0o644))
	}
	files := binary + "." + kind + ".files"
	if err := os.Mkdir(files, 0o700); err != nil {
		return err
	}
	for i, d := range documents {
		to := d.installed(kind)
		if to == "" {
			continue
		}
		text, err := d.packaged()
		if err != nil {
			return err
		}
		from := filepath.Join(files, strconv.Itoa(i))
		if err := os.WriteFile(from, text, 0o600); err != nil {
			return err
		}
		contents = append(contents, r.content(from, to, 0o644))
	}
	settings, err := yaml.Marshal(map[string]any{
		"name": "dragoman", "arch": t.arch, "platform": "linux", "version": r.version, "version_schema": "semver",
		"section": "utils", "priority": "optional", "license": "Apache-2.0", "homepage": homepage, "vendor": "dragoman",
		"maintainer": "dragoman <" + homepage + ">", "mtime": r.at(), "contents": contents,
		"description": "Log in to back offices, serve their dialects, judge their servers\nThe SDK for the command line, a reference server, conformance suites and a mock\nserver for four dialects of authentication.",
		"rpm":         map[string]any{"buildhost": "localhost"}, // or it is the name of this machine
	})
	if err != nil {
		return err
	}
	file := binary + "." + kind + ".yaml"
	if err := os.WriteFile(file, settings, 0o600); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, r.nfpm, "package", "--config", file, "--packager", kind,
		"--target", filepath.Join(r.out, r.name("linux_"+t.arch+"."+kind)))
	command.Env = append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.epoch))
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", kind, err, out)
	}
	return nil
}

func (r release) content(from, to string, mode int) content {
	return content{Source: from, Destination: to, Info: fileInfo{Mode: mode, MTime: r.at(), Owner: "root", Group: "root"}}
}
