package zoo

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
)

// WriteTable writes the kill matrix as Markdown: for each dialect the mutants
// as rows and the requirements as columns, with the reasons below. It is what
// the mutants say that they break; Prove finds out whether that is so. The error
// is the suite's or the writer's.
func WriteTable(w io.Writer) error {
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		return err
	}
	var b strings.Builder
	mutants, variants := Mutants(), Variants()
	fmt.Fprintf(&b, `# The kill matrix

%d servers that are wrong on purpose, and what the suite says to them: each is
failed by the requirements that are marked, and by no others. Every requirement
that MUST hold fails at least two of them, every one that SHOULD hold at least one,
and every scenario at least one. %d servers that are right but different stand at
the end; they pass whatever applies.

This page is made from internal/conformance/zoo by "go test ./internal/conformance/zoo -update";
the same package proves it, and so does "dragoman selftest" on any machine.
`, len(mutants), len(variants))
	var dialects []string
	for _, row := range suite.Requirements {
		if !slices.Contains(dialects, row.Dialect) {
			dialects = append(dialects, row.Dialect)
		}
	}
	for _, dialect := range dialects {
		writeDialect(&b, dialect, suite, mutants)
	}
	fmt.Fprint(&b, "\n## Variants\n\n| server | dialects | what is different |\n| --- | --- | --- |\n")
	for _, v := range variants {
		judged := "all"
		if len(v.Dialects) > 0 {
			judged = strings.Join(v.Dialects, ", ")
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", v.Name, judged, v.Differs)
	}
	_, err = io.WriteString(w, b.String())
	return err
}

func writeDialect(b *strings.Builder, dialect string, suite *catalogue.Catalogue, mutants []Mutant) {
	mutants = slices.DeleteFunc(slices.Clone(mutants), func(m Mutant) bool { return m.Dialect() != dialect })
	rows := slices.DeleteFunc(slices.Clone(suite.Requirements), func(r catalogue.Requirement) bool { return r.Dialect != dialect })
	fmt.Fprintf(b, "\n## %s\n\n| mutant |", dialect)
	for _, row := range rows {
		fmt.Fprintf(b, " %s |", strings.Replace(row.ID, "-", " ", 1))
	}
	fmt.Fprintf(b, "\n| --- |%s\n", strings.Repeat(" :-: |", len(rows)))
	killers := make([]int, len(rows))
	for _, m := range mutants {
		fmt.Fprintf(b, "| %s |", m.label())
		for i, row := range rows {
			mark := ""
			if slices.Contains(m.Breaks, row.ID) {
				mark = " x"
				killers[i]++
			}
			fmt.Fprintf(b, "%s |", mark)
		}
		b.WriteByte('\n')
	}
	b.WriteString("| **mutants in all** |")
	for _, n := range killers {
		fmt.Fprintf(b, " %d |", n)
	}
	fmt.Fprint(b, "\n\n| mutant | how a server comes to be like this |\n| --- | --- |\n")
	for _, m := range mutants {
		fmt.Fprintf(b, "| %s | %s |\n", m.label(), m.Why)
	}
}

// label is the name without the dialect.
func (m Mutant) label() string { return strings.TrimPrefix(m.Name, m.Dialect()+"/") }
