// Package pages reads the Markdown pages of the repository for the tests that hold
// them: fenced blocks with their language and line, links, the targets of links.
package pages

import (
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// A Page is one file of Markdown.
type Page struct {
	Path string // from the root of the repository, with slashes
	Text string
}

// A Block is a fenced block of a page.
type Block struct {
	Page     string
	Line     int    // of its first line of text, from 1
	Language string // the first word behind the fence; empty where there is none
	Text     string
}

// A Link is the target of a link or of an image.
type Link struct {
	Line   int
	Target string
}

// Read returns all pages below a root, but for folders whose name begins with a dot.
func Read(root fs.FS) ([]Page, error) {
	var all []Page
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".md":
			return nil
		}
		text, err := fs.ReadFile(root, name)
		all = append(all, Page{name, string(text)})
		return err
	})
	return all, err
}

// BlocksIn are the blocks in one language, of all pages.
func BlocksIn(all []Page, language string) []Block {
	var found []Block
	for _, page := range all {
		for _, block := range page.Blocks() {
			if block.Language == language {
				found = append(found, block)
			}
		}
	}
	return found
}

// fence begins and ends a block.
const fence = "```"

// Blocks are the fenced blocks of a page, in their order. One that nothing ends
// reaches to the end of the page, as in GitHub.
func (p Page) Blocks() []Block {
	blocks, _ := p.split()
	return blocks
}

// Prose is the page without its blocks; its lines keep their numbers.
func (p Page) Prose() string {
	_, prose := p.split()
	return prose
}

func (p Page) split() (blocks []Block, prose string) {
	var rest strings.Builder
	inside, indent := false, ""
	number := 0
	for line := range strings.Lines(p.Text) {
		number++
		bare := strings.TrimLeft(line, " ")
		switch {
		case !inside && strings.HasPrefix(bare, fence):
			inside, indent = true, line[:len(line)-len(bare)]
			language, _, _ := strings.Cut(strings.TrimSpace(strings.TrimLeft(bare, "`")), " ")
			blocks = append(blocks, Block{Page: p.Path, Line: number + 1, Language: language})
			rest.WriteByte('\n')
		case inside && strings.TrimSpace(line) == fence:
			inside = false
			rest.WriteByte('\n')
		case inside:
			last := &blocks[len(blocks)-1]
			last.Text += strings.TrimPrefix(line, indent)
			rest.WriteByte('\n')
		default:
			rest.WriteString(line)
		}
	}
	return blocks, rest.String()
}

var (
	code     = regexp.MustCompile("`[^`\n]+`")
	inline   = regexp.MustCompile(`\]\(([^)\s]+)(?: "[^"]*")?\)`)
	footnote = regexp.MustCompile(`(?m)^\[[^\]]+\]: (\S+)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.+)$`)
	brackets = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	unnamed  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// Links are the links of a page outside of code.
func (p Page) Links() []Link {
	prose := code.ReplaceAllStringFunc(p.Prose(), func(span string) string { return strings.Repeat("x", len(span)) })
	var links []Link
	for _, pattern := range []*regexp.Regexp{inline, footnote} {
		for _, at := range pattern.FindAllStringSubmatchIndex(prose, -1) {
			links = append(links, Link{Line: 1 + strings.Count(prose[:at[0]], "\n"), Target: prose[at[2]:at[3]]})
		}
	}
	return links
}

// Anchors are the names by which links reach the headings of a page, as GitHub makes
// them: a heading that comes twice has a number the second time.
func (p Page) Anchors() []string {
	var names []string
	seen := map[string]int{}
	for _, found := range heading.FindAllStringSubmatch(p.Prose(), -1) {
		name := strings.ToLower(brackets.ReplaceAllString(found[1], "$1"))
		name = strings.ReplaceAll(unnamed.ReplaceAllString(name, ""), " ", "-")
		if seen[name]++; seen[name] > 1 {
			name += "-" + strconv.Itoa(seen[name]-1)
		}
		names = append(names, name)
	}
	return names
}
