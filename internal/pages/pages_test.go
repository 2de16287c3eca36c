package pages_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dragoman-auth/dragoman/internal/pages"
)

const sample = "# One [page](a.md)\n" +
	"`[no](link)` and [a link](b.md#there) ![picture](c.svg)\n" +
	"```console\n" +
	"$ A=1 prog \"x $A\" 'y z' | other \\\n" +
	"    --flag >out\n" +
	"printed\n" +
	"# second\n" +
	"```\n" +
	"- in a list\n\n" +
	"  ```go\n" +
	"  f()\n" +
	"  ```\n" +
	"## One `page`\n" +
	"## Nine: it's\n" +
	"[note]: https://example.org\n" +
	"```\n" +
	"open to the end [no](link)\n"

func page(t *testing.T) pages.Page {
	t.Helper()
	all, err := pages.Read(fstest.MapFS{
		"docs/x.md": {Data: []byte(sample)}, ".hidden/y.md": {Data: []byte("# y")}, "z.txt": {Data: []byte("z")},
	})
	if err != nil || len(all) != 1 || all[0].Path != "docs/x.md" {
		t.Fatalf("read %v, %v", all, err)
	}
	return all[0]
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	var got []string
	for _, b := range page(t).Blocks() {
		got = append(got, b.Language+"|"+b.Text)
		if lines := strings.Split(sample, "\n"); !strings.Contains(lines[b.Line-1], strings.Split(b.Text, "\n")[0]) {
			t.Errorf("line %d is %q", b.Line, lines[b.Line-1])
		}
	}
	want := []string{
		"console|$ A=1 prog \"x $A\" 'y z' | other \\\n    --flag >out\nprinted\n# second\n", "go|f()\n", "|open to the end [no](link)\n",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	commands, err := page(t).Blocks()[0].Commands()
	if err != nil || len(commands) != 2 {
		t.Fatalf("%d commands, %v", len(commands), err)
	}
	want := [][]string{{"prog", "x $A", "y z"}, {"other", "--flag"}}
	if got := commands[0]; !reflect.DeepEqual(got.Calls, want) || got.Line != 4 {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := commands[1]; got.Line != 7 || got.Calls[0][0] != "second" {
		t.Errorf("got %+v", got)
	}
	if _, err := (pages.Block{Page: "p.md", Line: 3, Text: "$ echo 'open\n"}).Commands(); err == nil || !strings.HasPrefix(err.Error(), "p.md:3:") {
		t.Errorf("an open quote: %v", err)
	}
}

func TestLinksAndAnchors(t *testing.T) {
	t.Parallel()
	want := []pages.Link{{1, "a.md"}, {2, "b.md#there"}, {2, "c.svg"}, {16, "https://example.org"}}
	if got := page(t).Links(); !slices.Equal(got, want) {
		t.Errorf("links %v, want %v", got, want)
	}
	if got := page(t).Anchors(); !slices.Equal(got, []string{"one-page", "one-page-1", "nine-its"}) {
		t.Errorf("anchors %q", got)
	}
}
