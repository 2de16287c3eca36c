// Package openapi holds the descriptions of the dialects over HTTP, written by
// hand as OpenAPI 3.1: for readers, and for programs that make clients or check
// traffic. A test holds the server to them. What the gRPC listener offers, its
// reflection tells.
package openapi

import (
	"embed"
	"fmt"
)

//go:embed session.json form.json rpc.json scoped.json
var documents embed.FS

// Document returns the description of a dialect as JSON. The error says that
// there is none of this name. The slice is the caller's own.
func Document(dialect string) ([]byte, error) {
	document, err := documents.ReadFile(dialect + ".json")
	if err != nil {
		return nil, fmt.Errorf("there is no description of a dialect %q", dialect)
	}
	return document, nil
}
