package conformance

import (
	"fmt"
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
)

// applyLedger turns the failures and warnings that the manifest knows about
// into known deviations. An entry that names no row, that is over, or whose
// row passes is an error: a ledger has to shrink. An entry whose row was not
// selected, does not apply or could not be tested says nothing in this run.
func applyLedger(r *report.Report, entries []manifest.Deviation, p *plan, today time.Time) {
	wrong := func(entry manifest.Deviation, format string, args ...any) {
		text := fmt.Sprintf("known deviation %s: %s", entry.ID, fmt.Sprintf(format, args...))
		r.Errors = append(r.Errors, report.Error{Kind: report.Ledger, Text: text})
	}
	for _, entry := range entries {
		until, err := time.Parse(time.DateOnly, entry.Until)
		if err != nil {
			wrong(entry, "its end, %q, is no date", entry.Until)
			continue
		}
		if !until.AddDate(0, 0, 1).After(today) {
			wrong(entry, "it ended on %s; correct the server, or renew the entry in the manifest", entry.Until)
			continue
		}
		if !p.known(entry) {
			wrong(entry, "no requirement has that id; remove it from the manifest")
			continue
		}
		for i := range r.Requirements {
			row := &r.Requirements[i]
			if row.ID != entry.ID || entry.Dialect != "" && row.Dialect != entry.Dialect {
				continue
			}
			switch row.Verdict {
			case report.Fail, report.Warn:
				row.Verdict = report.KnownDeviation
				row.Reason = fmt.Sprintf("%s (%s, until %s)", entry.Reason, entry.Link, entry.Until)
			case report.Pass:
				wrong(entry, "the subject passes it; remove it from the manifest")
			}
		}
	}
}

// known says whether a ledger entry names a row of the suite.
func (p *plan) known(entry manifest.Deviation) bool {
	return slices.ContainsFunc(p.suite.Requirements, func(r catalogue.Requirement) bool {
		return r.ID == entry.ID && (entry.Dialect == "" || r.Dialect == entry.Dialect)
	})
}
