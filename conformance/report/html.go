package report

import (
	"cmp"
	_ "embed" // the page
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// WriteHTML writes the report as one page that needs nothing else: no network,
// no other file. It shows the summary, filters by dialect, level and verdict,
// and for each requirement its statement, source, scenarios and exchanges; it
// follows the reader's dark mode, and prints whole. Whatever a server has
// answered stands in it as text.
func (r *Report) WriteHTML(w io.Writer) error {
	page, err := parsePage()
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	var text strings.Builder
	if err := page.Execute(&text, pageOf(r)); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if _, err := io.WriteString(w, printable(text.String())); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

//go:embed page/report.html
var pageHTML string

//go:embed page/report.css
var pageCSS string

//go:embed page/report.js
var pageJS string

var parsePage = sync.OnceValues(func() (*template.Template, error) {
	return template.New("report").Funcs(template.FuncMap{
		"css":      func() template.CSS { return template.CSS(pageCSS) }, //nolint:gosec // our own file
		"js":       func() template.JS { return template.JS(pageJS) },    //nolint:gosec // our own file
		"upper":    strings.ToUpper,
		"words":    func(v any) string { return strings.ReplaceAll(fmt.Sprint(v), "-", " ") },
		"seconds":  func(s float64) string { return humanize.Duration(time.Duration(s * float64(time.Second))) },
		"took":     humanize.Duration,
		"count":    humanize.Count,
		"when":     func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04:05 UTC") },
		"short":    func(text string) string { return text[:min(len(text), 12)] },
		"pretty":   pretty,
		"headers":  headerLines,
		"basis":    basisWords,
		"exchange": exchangeTitle,
		"request":  requestLine,
	}).Parse(pageHTML)
})

// page is what the template shows.
type page struct {
	*Report
	Dialects []dialectPart
	Bars     []bar
	Broken   []Requirement // to jump to
	Took     string
}

// dialectPart is a dialect's rows.
type dialectPart struct {
	Name   string
	Rows   []Requirement
	Counts Counts
}

// bar is a verdict's share of all rows, in percent.
type bar struct {
	Verdict Verdict
	Count   int
	Percent float64
}

func pageOf(r *Report) page {
	p := page{Report: r, Took: humanize.Duration(r.Ended.Sub(r.Started))}
	for _, row := range r.Requirements {
		i := slices.IndexFunc(p.Dialects, func(d dialectPart) bool { return d.Name == row.Dialect })
		if i < 0 {
			i = len(p.Dialects)
			p.Dialects = append(p.Dialects, dialectPart{Name: row.Dialect, Counts: Counts{}})
		}
		p.Dialects[i].Rows = append(p.Dialects[i].Rows, row)
		p.Dialects[i].Counts[row.Verdict]++
		if row.Broken() {
			p.Broken = append(p.Broken, row)
		}
	}
	for _, v := range Verdicts() {
		if n := r.Counts[v]; n > 0 {
			p.Bars = append(p.Bars, bar{v, n, 100 * float64(n) / float64(max(1, len(r.Requirements)))})
		}
	}
	return p
}

// Anchor is the id of a requirement's part of the page.
func (r Requirement) Anchor() string { return r.Dialect + "-" + r.ID }

// Broken says whether the page shows a requirement opened.
func (r Requirement) Broken() bool {
	return r.Verdict == Fail || r.Verdict == Warn || r.Verdict == KnownDeviation || r.harnessFailed()
}

// Headline is what the page says about the conclusion.
func (c Conclusion) Headline() string {
	switch c {
	case Conformant:
		return "Conformant"
	case ConformantWithGaps:
		return "Conformant, with gaps"
	case NonConformant:
		return "Not conformant"
	case EnvironmentError:
		return "Not judged: the environment failed"
	}
	return "Not judged: the harness failed"
}

// Meaning explains a conclusion in a sentence.
func (c Conclusion) Meaning() string {
	switch c {
	case Conformant:
		return "No requirement that applies is broken, and every MUST row was judged. Warnings are advice."
	case ConformantWithGaps:
		return "Nothing is newly broken, but a MUST row could not be tested or is a known deviation."
	case NonConformant:
		return "A MUST row is broken, or the ledger of known deviations is wrong."
	case EnvironmentError:
		return "The server could not be reached, started or judged to the end. This says nothing about its conformance."
	}
	return "The judge itself is at fault. This says nothing about the server."
}

// basisWords say who asks for a requirement.
func basisWords(basis string) string {
	words := map[string]string{
		"doc": "the dialect's document", "vendor": "the vendor's other pages", "seen": "observed behaviour",
		"std": "a published standard", "ours": "good practice",
	}
	var said []string
	for part := range strings.SplitSeq(basis, "+") {
		said = append(said, cmp.Or(words[part], part))
	}
	return strings.Join(said, " and ")
}

func exchangeTitle(e evidence.Exchange) string {
	result := cmp.Or(e.Status, "no answer")
	if e.Transport == "clock" {
		if result = "the time was moved"; e.Error != "" {
			result = "the time was not moved"
		}
	}
	return result
}

// requestLine is what was asked for, or how long was waited.
func requestLine(e evidence.Exchange) string {
	if d, err := time.ParseDuration(e.URL); err == nil && e.Transport == "clock" {
		return e.Method + " " + humanize.Duration(d)
	}
	return e.Method + " " + e.URL
}

// pretty indents what is JSON, and leaves the rest.
func pretty(body string) string {
	var value json.RawMessage
	if err := json.Unmarshal([]byte(body), &value); err != nil {
		return body
	}
	indented, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return body
	}
	return string(indented)
}

// headerLines are the lines of a header, in order.
func headerLines(header map[string][]string) string {
	var lines []string
	for name, values := range header {
		for _, value := range values {
			lines = append(lines, name+": "+value)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
