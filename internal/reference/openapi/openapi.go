// Package openapi holds the descriptions of the dialects over HTTP as OpenAPI 3.1,
// written by hand: for readers, and for programs that generate clients or check
// traffic. Tests compare the server with them. The gRPC listener describes itself
// by reflection.
package openapi

import (
	"embed"
	"fmt"
)

//go:embed session.json form.json rpc.json scoped.json
var documents embed.FS

// Document returns the description of a dialect as JSON. It returns an error when
// there is no such dialect. The caller may change the slice.
func Document(dialect string) ([]byte, error) {
	document, err := documents.ReadFile(dialect + ".json")
	if err != nil {
		return nil, fmt.Errorf("there is no description of a dialect %q", dialect)
	}
	return document, nil
}
