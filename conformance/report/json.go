package report

import (
	"bytes"
	_ "embed" // the schema
	"fmt"
	"io"
)

// WriteJSON writes the report as one indented JSON object, as Schema says.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := newEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

//go:embed schema/report-1.json
var schema []byte

// Schema is the JSON Schema of what WriteJSON writes. Each call returns its
// own.
func Schema() []byte { return bytes.Clone(schema) }
