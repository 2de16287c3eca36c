package humanize

import (
	"fmt"
	"strings"
)

// Nearest finds the known word that a mistyped one most likely means: the only one
// that begins with it, if it has three letters or more, else the one with the fewest
// letters to change, if these are at most a third of it and one more. Letter case does
// not count. Of equally near words the first wins.
func Nearest(word string, known []string) (near string, ok bool) {
	word = strings.ToLower(word)
	if whole, is := completion(word, known); is {
		return whole, true
	}
	best := len(word)/3 + 2
	for _, candidate := range known {
		if d := distance(word, strings.ToLower(candidate)); d < best {
			near, best, ok = candidate, d, true
		}
	}
	return near, ok
}

// completion is the only known word that begins with a cut-off one.
func completion(word string, known []string) (whole string, only bool) {
	const enough = 3
	if len(word) < enough {
		return "", false
	}
	for _, candidate := range known {
		if strings.HasPrefix(strings.ToLower(candidate), word) {
			if only {
				return "", false
			}
			whole, only = candidate, true
		}
	}
	return whole, only
}

// DidYouMean asks for the known word that a mistyped one most likely means, as the end
// of a message: `; did you mean "form"?`. It is "" where none is near.
func DidYouMean(word string, known []string) string {
	if near, found := Nearest(word, known); found {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// distance counts the letters to insert, remove or replace (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Or joins the last of some words with "or": "plain, json or git".
func Or(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
