package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// Change is a requirement whose verdict is another in a second report. Before
// or After is "" where only one report has it.
type Change struct {
	ID, Dialect, Level string
	Before, After      Verdict
	Reason             string // why it is no pass after
}

// ChangeKind is what a change means to the reader of the report.
type ChangeKind string

// The kinds of changes.
const (
	Worse  ChangeKind = "worse"  // less is proven than before
	Better ChangeKind = "better" // more is proven than before
	Other  ChangeKind = "other"  // neither, as from not-applicable to untestable
	Added  ChangeKind = "added"
	Gone   ChangeKind = "gone"
)

// rank orders verdicts by what they prove.
var rank = map[Verdict]int{Fail: 0, KnownDeviation: 1, Warn: 2, Untestable: 3, NotApplicable: 3, Pass: 4}

// Kind says whether the row is new or gone, and else whether its verdict proves more or
// less than before.
func (c Change) Kind() ChangeKind {
	switch {
	case c.Before == "":
		return Added
	case c.After == "":
		return Gone
	case rank[c.After] < rank[c.Before]:
		return Worse
	case rank[c.After] > rank[c.Before]:
		return Better
	}
	return Other
}

// Diff compares two reports by dialect and id: what is worse comes first. It
// is empty when every row has the verdict that it had.
func Diff(before, after *Report) []Change {
	type key struct{ dialect, id string }
	old := map[key]Requirement{}
	for _, row := range before.Requirements {
		old[key{row.Dialect, row.ID}] = row
	}
	var changes []Change
	for _, row := range after.Requirements {
		was := old[key{row.Dialect, row.ID}]
		delete(old, key{row.Dialect, row.ID})
		if was.Verdict != row.Verdict {
			changes = append(changes, Change{row.ID, row.Dialect, row.Level, was.Verdict, row.Verdict, row.Reason})
		}
	}
	for _, row := range before.Requirements {
		if _, left := old[key{row.Dialect, row.ID}]; left {
			changes = append(changes, Change{ID: row.ID, Dialect: row.Dialect, Level: row.Level, Before: row.Verdict})
		}
	}
	kinds := []ChangeKind{Worse, Gone, Other, Added, Better}
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Compare(slices.Index(kinds, a.Kind()), slices.Index(kinds, b.Kind()))
	})
	return changes
}

// Regressed says whether less is proven after than before: a row is worse, a
// row that had passed is gone, a new row is broken, or the conclusion has
// become one with another exit code than 0.
func Regressed(before, after *Report) bool {
	if before.Conclusion.ExitCode() == 0 && after.Conclusion.ExitCode() != 0 {
		return true
	}
	return slices.ContainsFunc(Diff(before, after), func(c Change) bool {
		return c.Kind() == Worse || c.Kind() == Gone && c.Before == Pass || c.Kind() == Added && c.After == Fail
	})
}

// WriteDiff writes how two reports differ, for people.
func WriteDiff(w io.Writer, before, after *Report) error {
	out := &lines{w: w}
	other := func(what, a, b string) {
		if a != b {
			out.printf("%s: %s -> %s\n", what, cmp.Or(a, "unknown"), cmp.Or(b, "unknown"))
		}
	}
	other("subject", before.Subject.Name, after.Subject.Name)
	other("subject digest", before.Subject.Digest, after.Subject.Digest)
	other("suite", fmt.Sprintf("%s (%.12s)", before.Suite.Version, before.Suite.Digest), fmt.Sprintf("%s (%.12s)", after.Suite.Version, after.Suite.Digest))
	other("manifest", fmt.Sprintf("%.12s", before.Manifest), fmt.Sprintf("%.12s", after.Manifest))
	changes := Diff(before, after)
	for _, c := range changes {
		out.printf("%-6s  %-7s  %-6s  %-6s  %s -> %s\n", c.Kind(), c.Dialect, c.ID, c.Level, cmp.Or(string(c.Before), "none"), cmp.Or(string(c.After), "none"))
		if c.Kind() == Worse && c.Reason != "" {
			out.printf("        %s\n", shorten(indent(c.Reason), 300))
		}
	}
	out.printf("%d of %s changed\n", len(changes), humanize.Count(max(len(before.Requirements), len(after.Requirements)), "requirement"))
	if before.Conclusion == after.Conclusion {
		out.printf("conclusion: %s, as before\n", after.Conclusion)
	} else {
		out.printf("conclusion: %s -> %s\n", before.Conclusion, after.Conclusion)
	}
	if out.err != nil {
		return fmt.Errorf("write difference: %w", out.err)
	}
	return nil
}
