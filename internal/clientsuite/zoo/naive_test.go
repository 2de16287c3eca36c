package zoo

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/clientsuite"
	"github.com/dragoman-auth/dragoman/internal/needs"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

var update = flag.Bool("update", false, "write docs/clients.md")

// TestNaiveClients: what is published about them is so.
func TestNaiveClients(t *testing.T) {
	t.Parallel()
	suite, err := clientsuite.Suite()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range NaiveClients(".") {
		t.Run(n.Name, func(t *testing.T) {
			t.Parallel()
			command := []string{os.Args[0], "oauth2"}
			if len(n.Command) > 0 {
				command = append([]string{needs.Program(t, n.Command[0])}, n.Command[1:]...)
			}
			r := judgeProcess(t, command, n.Dialect, rowsFor(suite, Broken{Breaks: n.Breaks}, n.Dialect, needs.Whole())...)
			var broken []string
			for _, row := range r.Requirements {
				if isRed(row) {
					broken = append(broken, row.ID)
				}
			}
			if !slices.Equal(broken, n.Breaks) {
				t.Errorf("it breaks %q, and the page says %q", broken, n.Breaks)
			}
		})
	}
}

// TestSDKInProcesses: the SDK passes over the network, too, with processes that share a
// store in files.
func TestSDKInProcesses(t *testing.T) {
	t.Parallel()
	only := []string{"CLI-01", "CLI-10", "CLI-11", "CLI-45", "CLI-46", "CLI-63", "CLI-66", "CLI-67", "CLI-68", "CLI-70"}
	if needs.Whole() {
		only = nil
	}
	r := judgeProcess(t, []string{os.Args[0], "sdk"}, wire.RPC, only...)
	if err := allPass(r, 10); err != nil {
		t.Error(err)
	}
}

// judgeProcess judges a client that is a process.
func judgeProcess(t *testing.T, command []string, dialect string, only ...string) *report.Report {
	t.Helper()
	options := clientsuite.Options{Dialects: []string{dialect}, Only: only, Timeout: 2 * time.Minute}
	r, err := clientsuite.Run(t.Context(), clientsuite.ProcessProgram(command), options)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Errors {
		t.Error(e)
	}
	return r
}

// TestPage keeps the tables of docs/clients.md true.
func TestPage(t *testing.T) {
	t.Parallel()
	suite, err := clientsuite.Suite()
	if err != nil {
		t.Fatal(err)
	}
	var naive, rows strings.Builder
	naive.WriteString("| client | dialect | what it is | rows that fail it |\n| --- | --- | --- | --- |\n")
	for _, n := range NaiveClients(".") {
		fmt.Fprintf(&naive, "| %s | %s | %s | %s |\n", n.Name, n.Dialect, n.What, strings.Join(n.Breaks, ", "))
	}
	if err := WriteTable(&rows, suite); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "..", "docs", "clients.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := replace(t, replace(t, string(page), "naive", naive.String()), "rows", rows.String())
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(page) {
		t.Error("docs/clients.md is not what the suite is; go test ./internal/clientsuite/zoo -run TestPage -update writes it")
	}
}

// replace puts a table between the marks of a page.
func replace(t *testing.T, page, name, table string) string {
	t.Helper()
	begin, end := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->\n"
	before, rest, found := strings.Cut(page, begin)
	_, after, ends := strings.Cut(rest, end)
	if !found || !ends {
		t.Fatalf("the page has no place for %s", name)
	}
	return before + begin + table + end + after
}
