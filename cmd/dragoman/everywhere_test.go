//go:build !race

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/internal/needs"
)

// TestSameRowsEverywhere judges the reference as a command and by URL: it
// passes the same rows as in this process (TestReferenceConforms) and in a
// container (TestVerifyInAContainer): in CI all there are, elsewhere those of two dialects.
func TestSameRowsEverywhere(t *testing.T) {
	t.Parallel()
	binary := ownBinary(t)
	dialects := []string{"form", "rpc"}
	if needs.Whole() {
		dialects = nil // all
	}
	serve := []string{"serve", "--demo", "--clock-control"}
	asCommand := func() *manifest.Manifest {
		m := subject.Reference()
		m.Subject = manifest.Subject{
			Command: append(append([]string{binary}, serve...), "--listen", "127.0.0.1:${HTTP_PORT}", "--grpc", "127.0.0.1:${GRPC_PORT}"),
			Ready:   m.Subject.Ready,
		}
		return m
	}
	var rows []string
	for _, test := range []struct {
		kind  string
		start func(t *testing.T) *manifest.Manifest
	}{
		{"command", func(*testing.T) *manifest.Manifest { return asCommand() }},
		{"url", func(t *testing.T) *manifest.Manifest {
			running, err := subject.Start(t.Context(), asCommand(), subject.Options{}) // somebody else's server
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(running.Stop)
			m := subject.Reference()
			m.Subject = manifest.Subject{URL: running.HTTP, GRPC: running.GRPC, Ready: m.Subject.Ready}
			return m
		}},
	} {
		t.Run(test.kind, func(t *testing.T) { // one after another: each is heavy
			r, err := conformance.Run(t.Context(), test.start(t), conformance.Options{Dialects: dialects})
			if err != nil {
				t.Fatal(err)
			}
			if r.Subject.Kind != test.kind || r.Conclusion != report.Conformant || r.Counts[report.Pass] != r.Planned {
				var text strings.Builder
				_ = r.WriteText(&text)
				t.Errorf("judged as %s:\n%s", r.Subject.Kind, text.String())
			}
			var judged []string
			for _, row := range r.Requirements {
				for _, s := range row.Scenarios {
					judged = append(judged, fmt.Sprintf("%s %s %s %s", row.Dialect, row.ID, s.Name, s.Outcome))
				}
			}
			if rows == nil {
				rows = judged
			}
			if strings.Join(rows, "\n") != strings.Join(judged, "\n") {
				t.Error("the scenarios are not those of the first kind")
			}
		})
	}
}
