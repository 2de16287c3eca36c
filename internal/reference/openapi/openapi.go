// Package openapi holds the descriptions of the dialects over HTTP as OpenAPI 3.1,
// written by hand: for readers, and for programs that generate clients or check
// traffic. Tests compare the server with them. The gRPC listener describes itself
// by reflection.
package openapi

import (
	"bytes"
	"embed"
	"fmt"
)

//go:embed session.json form.json rpc.json scoped.json
var documents embed.FS

// root is where the paths of every description begin.
const root = `"servers": [{ "url": "/" }]`

// Document returns the description of a dialect as JSON, whose paths begin at a
// prefix such as "/api"; empty: at the root. It returns an error when there is no such
// dialect. The caller may change the slice.
func Document(dialect, prefix string) ([]byte, error) {
	document, err := documents.ReadFile(dialect + ".json")
	if err != nil {
		return nil, fmt.Errorf("there is no description of a dialect %q", dialect)
	}
	return bytes.Replace(document, []byte(root), fmt.Appendf(nil, `"servers": [{ "url": %q }]`, prefix+"/"), 1), nil
}
