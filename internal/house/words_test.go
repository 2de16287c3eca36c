//go:build !race

package house_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// plainWords, in small letters, are the words that no file may use in any letter case, and what
// to write in their place. Most readers learned English as a second language:
// pictures and idioms cost them time.
var plainWords = map[string]string{
	`buy(s|ing)?|bou[g]ht`:               "obtains, is issued",
	`sells?|selling|sold`:                "issues",
	`stays? shut|shut`:                   "access is denied, is rejected",
	`opens?[ -]nothing`:                  "grants no access",
	`he|him|his|himself|she|hers?`:       "they, the caller, the client",
	`cure[ds]?`:                          "fix",
	`mend(s|ed|ing)?`:                    "fix, correct",
	`vouch(es)?`:                         "sign, extendValidity",
	`farewell`:                           "drain",
	`strangers?`:                         "dummy account, unknown server, foreign origin",
	`doubter|doubtful|inquir(y|ies)`:     "probe, maybe rejected",
	`fruitless`:                          "unchanged, without effect",
	`patience`:                           "timeout",
	`canary|canaries`:                    "secret scanner",
	`gossip|thief|spiteful|inhabitants?`: "leaking server, foreign origin, echoing transport, server",
	`unheard`:                            "lost, unresponsive",
	`defendant`:                          "subject",
	`doors?`:                             "endpoint",
	`speakers?`:                          "dialect client",
	`for good`:                           "permanently",
	`all the same`:                       "anyway",
	`in vain`:                            "without effect",
	`settl(es?|ed|ing)`:                  "counts, marks, decides",
	`alas|lo|behold|hither|thither`:      "plain English",
}

// wordless are files that nobody of ours wrote, or that quote others.
var wordless = []string{"go.sum", "LICENSE", "internal/house/words_test.go"}

// TestPlainWords keeps the words of plainWords out of code, features, data and
// pages, also as parts of names such as fileOpener.
func TestPlainWords(t *testing.T) {
	atRoot(t)
	t.Parallel()
	patterns := slices.Sorted(maps.Keys(plainWords))
	banned := regexp.MustCompile(`\b(?:` + strings.Join(patterns, `|`) + `)\b`)
	files := sources(t)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = split(append([]byte(filepath.Base(file)+"\n"), text...)) // the file's name is line 0
		line := 0
		for content := range bytes.SplitSeq(text, []byte("\n")) { // the expression is fast in short texts only
			for _, found := range banned.FindAll(bytes.ToLower(content), -1) {
				which := slices.IndexFunc(patterns, func(pattern string) bool {
					return regexp.MustCompile(`(?i)^(?:` + pattern + `)$`).Match(found)
				})
				t.Errorf("%s:%d says %q: write %s", file, line, found, plainWords[patterns[which]])
			}
			line++
		}
	}
	if len(files) < 300 {
		t.Errorf("only %d files were read", len(files))
	}
}

// camel is where one word of a name ends and the next begins.
var camel = regexp.MustCompile(`([a-z0-9])([A-Z])|_`)

// split takes names apart into their words, so that a banned word is found
// inside of one.
func split(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte("socket.SHUT_WR"), nil) // Python's own name
	return camel.ReplaceAll(text, []byte("$1 $2"))
}

// sources are the files in which people read words.
func sources(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && path != ".github" && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case entry.IsDir() || slices.Contains(wordless, filepath.ToSlash(path)) || strings.HasSuffix(path, ".pb.go"):
			return nil
		case slices.Contains([]string{".go", ".feature", ".yaml", ".yml", ".md", ".json", ".html", ".js", ".py", ".mjs", ".proto", ".sql", ".tmpl", ".txt", ".sh"}, filepath.Ext(path)):
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
