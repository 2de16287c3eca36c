// Package bom says what is in a binary and how it was built: the software bill of
// materials in CycloneDX, and the provenance in the form of SLSA.
package bom

import (
	"cmp"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Binary is a built program.
type Binary struct {
	Path    string
	Name    string // of the file as it is released
	Version string // as v1.2.3
	Digest  string // SHA-256 in lower-case hex
	Built   time.Time
}

type component struct {
	Type    string `json:"type"`
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version"`
	PURL    string `json:"purl"`
	Hashes  []hash `json:"hashes,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// CycloneDX is the bill of materials of a binary, in JSON. It is read from the binary
// itself: the modules that the linker put into it, and the Go release with its standard
// library. The hash of a module is that of go.sum.
func CycloneDX(b Binary) ([]byte, error) {
	info, err := buildinfo.ReadFile(b.Path)
	if err != nil {
		return nil, fmt.Errorf("read what was built into %s: %w", b.Path, err)
	}
	root := module("application", info.Main.Path, b.Version)
	root.Hashes = []hash{{"SHA-256", b.Digest}}
	parts := []component{module("library", "std", strings.TrimPrefix(info.GoVersion, "go"))}
	for _, dep := range info.Deps {
		part, err := library(dep)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	slices.SortFunc(parts, func(a, b component) int { return cmp.Compare(a.Ref, b.Ref) })
	refs := make([]string, len(parts))
	for i, part := range parts {
		refs[i] = part.Ref
	}
	return json.MarshalIndent(map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
		"serialNumber": "urn:uuid:" + uuid.NewSHA1(uuid.NameSpaceURL, []byte(root.PURL+"#"+b.Digest)).String(),
		"metadata": map[string]any{
			"timestamp": b.Built.UTC().Format(time.RFC3339), "component": root,
			"properties": []map[string]string{{"name": "dragoman:file", "value": b.Name}},
		},
		"components":   parts,
		"dependencies": []dependency{{root.Ref, refs}},
	}, "", "  ")
}

func module(kind, path, version string) component {
	purl := "pkg:golang/" + path + "@" + version
	return component{Type: kind, Ref: purl, Name: path, Version: version, PURL: purl}
}

func library(dep *debug.Module) (component, error) {
	if dep.Replace != nil {
		dep = dep.Replace
	}
	part := module("library", dep.Path, dep.Version)
	sum, hashed := strings.CutPrefix(dep.Sum, "h1:")
	raw, err := base64.StdEncoding.DecodeString(sum)
	if !hashed || err != nil {
		return part, fmt.Errorf("the module %s has no sum: %q", dep.Path, dep.Sum)
	}
	part.Hashes = []hash{{"SHA-256", hex.EncodeToString(raw)}}
	return part, nil
}
