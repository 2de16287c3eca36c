package report

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// codeQuality is an entry of GitLab's code quality report.
type codeQuality struct {
	Description string `json:"description"`
	Check       string `json:"check_name"`
	Fingerprint string `json:"fingerprint"`
	Severity    string `json:"severity"` // major where a MUST row is broken, else minor
	Location    struct {
		Path  string `json:"path"`
		Lines struct {
			Begin int `json:"begin"`
		} `json:"lines"`
	} `json:"location"`
}

// WriteCodeQuality writes what is broken as GitLab's code quality JSON. Manifest
// is as in WriteSARIF.
func (r *Report) WriteCodeQuality(w io.Writer, manifest string) error {
	entries := []codeQuality{}
	for _, p := range r.problems() {
		sum := sha256.Sum256([]byte(p.key()))
		entry := codeQuality{Description: p.message, Check: p.key(), Fingerprint: hex.EncodeToString(sum[:]), Severity: "minor"}
		if p.severe {
			entry.Severity = "major"
		}
		entry.Location.Path, entry.Location.Lines.Begin = manifest, 1
		entries = append(entries, entry)
	}
	return writeIndented(w, entries)
}
