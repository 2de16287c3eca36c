package house_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/pages"
)

// TestLinks follows every relative link of the pages, and the anchors. Of others it
// only looks whether they are addresses: a test asks no network.
func TestLinks(t *testing.T) {
	atRoot(t)
	t.Parallel()
	all := allPages(t)
	links := 0
	for _, page := range all {
		for _, link := range page.Links() {
			links++
			if problem := broken(page, link.Target, all); problem != "" {
				t.Errorf("%s:%d: %s: %s", page.Path, link.Line, link.Target, problem)
			}
		}
	}
	if links < 40 {
		t.Errorf("%d links: this test checks almost nothing", links)
	}
}

// broken says what is wrong with a link, or "".
func broken(page pages.Page, link string, all []pages.Page) string {
	address, err := url.Parse(link)
	switch {
	case err != nil:
		return err.Error()
	case address.Scheme == "https" && strings.Contains(address.Host, "."):
		return ""
	case address.Scheme != "" || address.Host != "":
		return "neither a file of this repository nor an address with https"
	}
	file := page.Path
	if address.Path != "" {
		file = filepath.ToSlash(filepath.Join(filepath.Dir(page.Path), address.Path))
	}
	if strings.HasPrefix(file, "..") {
		return "it leads out of the repository"
	}
	if _, err := os.Stat(file); err != nil {
		return err.Error()
	}
	if address.Fragment == "" {
		return ""
	}
	i := slices.IndexFunc(all, func(p pages.Page) bool { return p.Path == file })
	if i < 0 || !slices.Contains(all[i].Anchors(), address.Fragment) {
		return "there is no such heading"
	}
	return ""
}

// TestLLMs: llms.txt has the form of llmstxt.org (a title, a quoted summary, sections of
// links), and each of its links leads somewhere.
func TestLLMs(t *testing.T) {
	atRoot(t)
	t.Parallel()
	all := allPages(t)
	page := pages.Page{Path: "llms.txt", Text: read(t, "llms.txt")}
	lines := strings.Split(strings.TrimSpace(page.Text), "\n")
	if !strings.HasPrefix(lines[0], "# ") || lines[1] != "" || !strings.HasPrefix(lines[2], "> ") {
		t.Errorf("it begins with %q, and not with a title and a quoted summary", lines[:3])
	}
	section := false
	for number, line := range lines[3:] {
		switch {
		case strings.HasPrefix(line, "## "):
			section = true
		case section && line != "" && !llmsLink.MatchString(line):
			t.Errorf("llms.txt:%d: in a section stand links alone: %s", number+4, line)
		}
	}
	links := page.Links()
	for _, link := range links {
		if problem := broken(page, link.Target, all); problem != "" {
			t.Errorf("llms.txt:%d: %s: %s", link.Line, link.Target, problem)
		}
	}
	for _, page := range all {
		if strings.HasPrefix(page.Path, "docs/") && !slices.ContainsFunc(links, func(link pages.Link) bool { return link.Target == page.Path }) {
			t.Errorf("llms.txt does not name %s", page.Path)
		}
	}
}

var llmsLink = regexp.MustCompile(`^- \[[^\]]+\]\([^)]+\)(: .+)?$`)

// TestEveryPageIsReached: from the README one comes to every page, over links of pages.
func TestEveryPageIsReached(t *testing.T) {
	atRoot(t)
	t.Parallel()
	all := allPages(t)
	reached, next := map[string]bool{}, []string{"README.md"}
	for len(next) > 0 {
		name := next[0]
		next = next[1:]
		i := slices.IndexFunc(all, func(p pages.Page) bool { return p.Path == name })
		if i < 0 || reached[name] {
			continue
		}
		reached[name] = true
		for _, link := range all[i].Links() {
			target, _, _ := strings.Cut(link.Target, "#")
			file := filepath.ToSlash(filepath.Join(filepath.Dir(name), target))
			next = append(next, file, file+"/README.md")
		}
	}
	for _, page := range all {
		if !reached[page.Path] {
			t.Errorf("no link leads from the README to %s", page.Path)
		}
	}
}
