package report

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"strings"
	"unicode/utf8"
)

const badgeLabel = "dragoman"

// badge is what a badge says, and in which colour.
func (r *Report) badge() (message, color string) {
	judged := r.Planned - r.Counts[NotApplicable]
	share := fmt.Sprintf("%d/%d", r.Counts[Pass], judged)
	switch r.Conclusion {
	case Conformant:
		if len(r.Suite.Only) > 0 {
			return "partly judged " + share, "#75797f"
		}
		return "conformant " + share, "#2f7d4f"
	case ConformantWithGaps:
		return "conformant with gaps " + share, "#9a6700"
	case NonConformant:
		return "not conformant " + share, "#b3261e"
	}
	return "not judged", "#75797f"
}

// WriteBadgeJSON writes a badge as the JSON that shields.io reads from an
// endpoint.
func (r *Report) WriteBadgeJSON(w io.Writer) error {
	message, color := r.badge()
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(struct {
		SchemaVersion int    `json:"schemaVersion"`
		Label         string `json:"label"`
		Message       string `json:"message"`
		Color         string `json:"color"`
		IsError       bool   `json:"isError"`
	}{1, badgeLabel, message, strings.TrimPrefix(color, "#"), r.Conclusion == EnvironmentError || r.Conclusion == HarnessError})
	if err != nil {
		return fmt.Errorf("write badge: %w", err)
	}
	return nil
}

// WriteBadgeSVG writes a badge as a picture that needs nothing else.
func (r *Report) WriteBadgeSVG(w io.Writer) error {
	message, color := r.badge()
	left, right := textWidth(badgeLabel)+12, textWidth(message)+12
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="20" role="img" aria-label="%[2]s: %[3]s">
  <title>%[2]s: %[3]s</title>
  <clipPath id="round"><rect width="%[1]d" height="20" rx="4"/></clipPath>
  <g clip-path="url(#round)">
    <rect width="%[4]d" height="20" fill="#3b4046"/>
    <rect x="%[4]d" width="%[5]d" height="20" fill="%[6]s"/>
  </g>
  <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
    <text x="%[7]d" y="14" textLength="%[9]d">%[2]s</text>
    <text x="%[8]d" y="14" textLength="%[10]d">%[3]s</text>
  </g>
</svg>
`, left+right, badgeLabel, html.EscapeString(message), left, right, color, left/2, left+right/2, left-12, right-12)
	if err != nil {
		return fmt.Errorf("write badge: %w", err)
	}
	return nil
}

// textWidth is about how wide a text is, in pixels; textLength does the rest.
func textWidth(text string) int { return utf8.RuneCountInString(text) * 67 / 10 }
