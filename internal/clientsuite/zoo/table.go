package zoo

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// WriteTable writes, as Markdown, the rows of the suite with the broken clients that
// they fail, and all clients of the zoo. It is what the clients say that they break; the
// tests of this package find out whether that is so.
func WriteTable(w io.Writer, suite *catalogue.Catalogue) error {
	var b strings.Builder
	broken := BrokenClients()
	b.WriteString("| row | level | dialects | statement | fails |\n| --- | --- | --- | --- | --- |\n")
	for _, id := range suite.IDs() {
		var dialects []string
		var row catalogue.Requirement
		for _, r := range suite.Requirements {
			if r.ID == id {
				row, dialects = r, append(dialects, r.Dialect)
			}
		}
		in := strings.Join(dialects, ", ")
		if len(dialects) == len(wire.Dialects()) {
			in = "all"
		}
		var names []string
		for _, client := range broken {
			if slices.Contains(client.Breaks, id) {
				names = append(names, client.Name)
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", id, row.Level, in, row.Statement, strings.Join(names, ", "))
	}
	fmt.Fprintf(&b, "\n### %d clients that are wrong on purpose\n\n| client | how a client comes to be like this |\n| --- | --- |\n", len(broken))
	for _, client := range broken {
		fmt.Fprintf(&b, "| %s | %s |\n", client.Name, client.Why)
	}
	different := DifferentClients()
	fmt.Fprintf(&b, "\n### %d clients that are right but different\n\n| client | what is different |\n| --- | --- |\n", len(different))
	for _, client := range different {
		fmt.Fprintf(&b, "| %s | %s |\n", client.Name, client.Differs)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
