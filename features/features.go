// Package features holds what the conformance suites judge: for each dialect a
// folder of Gherkin features, and a requirements.yaml that says which
// requirements there are, at which level and on whose word; a folder for the
// security rows that all dialects share, and one for the rows of clients. The rpc
// folder has the judge's own reading of the protocol buffers as well. It is data
// only; package
// internal/conformance/catalogue reads it and internal/conformance/steps carries
// it out.
package features

import "embed"

// FS is the four folders that are named as the dialects are, session, form, rpc
// and scoped; security, whose scenarios are tagged with the dialects that they
// judge; and the frozen sets of requirements, one file per version.
//
//go:embed session form rpc scoped security requirements-*.yaml
var FS embed.FS

// ClientFS is the suite that judges clients, in the folder client, laid out as security
// is. It is read by internal/clientsuite.
//
//go:embed client
var ClientFS embed.FS
