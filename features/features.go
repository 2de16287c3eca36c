// Package features holds what the conformance suites judge: for each dialect a
// folder of Gherkin features, and a requirements.yaml that says which
// requirement each scenario judges, at which level and on whose word. The rpc
// folder has the judge's own reading of the protocol buffers as well. It is
// data only; package internal/conformance/catalogue reads it and internal/conformance/steps
// carries it out.
package features

import "embed"

// FS is all four folders, named as the dialects are: session, form, rpc and
// scoped; and the frozen sets of requirements, one file per version.
//
//go:embed session form rpc scoped requirements-*.yaml
var FS embed.FS
