package zoo_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

var update = flag.Bool("update", false, "write docs/kill-matrix.md anew")

const published = "../../../docs/kill-matrix.md"

// TestTableIsPublished compares the published matrix with the zoo.
func TestTableIsPublished(t *testing.T) {
	t.Parallel()
	var made bytes.Buffer
	if err := writeTable(&made); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(published, made.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stands, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stands, made.Bytes()) {
		t.Error("docs/kill-matrix.md is out of date: run go test ./internal/conformance/zoo -run TestTable -update")
	}
}

// writeTable writes the kill matrix as Markdown: for each dialect the
// requirements with the mutants that they fail, then the mutants with their
// reasons; at the end the variants. It is what the mutants say that they break;
// zoo.Prove finds out whether that is so. The error is the suite's or the writer's.
func writeTable(w io.Writer) error {
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		return err
	}
	var b strings.Builder
	mutants, variants := zoo.Mutants(), zoo.Variants()
	fmt.Fprintf(&b, `# The kill matrix

%d servers that are wrong on purpose (mutants), and the requirements that fail
them. A mutant is failed by the requirements beside which it stands, and by no
others. Every requirement that MUST hold fails at least two mutants, every one that
SHOULD hold at least one, and so does every scenario and every step behind a Then. %d servers that are right
but different (variants) stand at the end; they pass whatever applies.

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

// writeDialect writes a line for each requirement, and one for each mutant.
func writeDialect(b *strings.Builder, dialect string, suite *catalogue.Catalogue, mutants []mutation.Mutant) {
	mutants = slices.DeleteFunc(slices.Clone(mutants), func(m mutation.Mutant) bool { return m.Dialect() != dialect })
	fmt.Fprintf(b, "\n## %s\n\n| requirement | level | fails |\n| --- | --- | --- |\n", dialect)
	for _, row := range suite.Requirements {
		if row.Dialect == dialect {
			fmt.Fprintf(b, "| %s | %s | %s |\n", row.ID, row.Level, killersOf(row, mutants))
		}
	}
	fmt.Fprint(b, "\n| mutant | how a server comes to be like this |\n| --- | --- |\n")
	for _, m := range mutants {
		fmt.Fprintf(b, "| %s | %s |\n", label(m), m.Why)
	}
}

// killersOf lists the mutants that break a requirement.
func killersOf(row catalogue.Requirement, mutants []mutation.Mutant) string {
	if row.Excluded != "" {
		return "not judged: " + row.Excluded
	}
	var labels []string
	for _, m := range mutants {
		if slices.Contains(m.Breaks, row.ID) {
			labels = append(labels, label(m))
		}
	}
	return strings.Join(labels, ", ")
}

// label is a mutant's name without the dialect.
func label(m mutation.Mutant) string { return strings.TrimPrefix(m.Name, m.Dialect()+"/") }
