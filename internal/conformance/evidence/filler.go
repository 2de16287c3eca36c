package evidence

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// shortestFiller is the length from which a run of one character is written as
// its length.
const shortestFiller = 1 << 10

// filler is how such a run is written.
var filler = regexp.MustCompile(`\[([0-9]+) × ([A-Za-z0-9])\]`)

// Abbreviate writes long runs of one letter or digit as their length, as
// "[65536 × a]", so that evidence shows a huge request whole.
func Abbreviate(text string) string {
	if len(text) < shortestFiller {
		return text
	}
	var short strings.Builder
	for at := 0; at < len(text); {
		end := endOfRun(text, at)
		run := text[at:end]
		if len(run) >= shortestFiller {
			if named := fmt.Sprintf("[%d × %c]", len(run), text[at]); filler.MatchString(named) {
				run = named
			}
		}
		short.WriteString(run)
		at = end
	}
	return short.String()
}

// endOfRun is where the run of equal bytes ends that begins at a place. A long
// one goes on by blocks: it may have millions of bytes.
func endOfRun(text string, at int) int {
	end := at + 1
	for end < len(text) && text[end] == text[at] {
		end++
		if block := text[at:end]; len(block) == shortestFiller {
			for strings.HasPrefix(text[end:], block) {
				end += len(block)
			}
		}
	}
	return end
}

// Filler finds the first abbreviated run in a text: where it stands, and what
// it stands for. A nil place says that there is none.
func Filler(text string) (place []int, length int, character string) {
	found := filler.FindStringSubmatchIndex(text)
	if found == nil {
		return nil, 0, ""
	}
	length, err := strconv.Atoi(text[found[2]:found[3]])
	if err != nil { // more digits than any request has bytes
		return nil, 0, ""
	}
	return found[:2], length, text[found[4]:found[5]]
}
