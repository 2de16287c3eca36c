package bom

import (
	"encoding/json"

	"github.com/dragoman-auth/dragoman/internal/release/sums"
)

// Build is how a release was made.
type Build struct {
	Version   string // as v1.2.3
	Commit    string
	Epoch     int64  // SOURCE_DATE_EPOCH
	GoVersion string // as go1.26.8
	Targets   []string
	Flags     []string // of go build
}

const (
	repository = "https://github.com/dragoman-auth/dragoman"
	buildType  = repository + "/blob/main/CONTRIBUTING.md#how-a-release-is-made"
)

type subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// Provenance is the statement which files a build has made of which commit, as in-toto
// and SLSA write it in version 1. It names neither the machine nor the time, so that
// whoever builds the commit again gets the same statement.
func Provenance(b Build, files []sums.Entry) ([]byte, error) {
	subjects := make([]subject, len(files))
	for i, file := range files {
		subjects[i] = subject{file.Name, map[string]string{"sha256": file.Digest}}
	}
	return json.MarshalIndent(map[string]any{
		"_type":         "https://in-toto.io/Statement/v1",
		"subject":       subjects,
		"predicateType": "https://slsa.dev/provenance/v1",
		"predicate": map[string]any{
			"buildDefinition": map[string]any{
				"buildType":          buildType,
				"externalParameters": map[string]any{"version": b.Version, "targets": b.Targets},
				"internalParameters": map[string]any{"SOURCE_DATE_EPOCH": b.Epoch, "flags": b.Flags},
				"resolvedDependencies": []map[string]any{
					{"uri": "git+" + repository, "digest": map[string]string{"gitCommit": b.Commit}},
					{"uri": "pkg:golang/std@" + b.GoVersion[len("go"):], "name": b.GoVersion},
				},
			},
			"runDetails": map[string]any{"builder": map[string]any{"id": repository + "/tree/" + b.Commit + "/internal/release"}},
		},
	}, "", "  ")
}
