package commandline

import (
	"strings"
	"unicode/utf8"
)

// columns is how wide the text of help is at most.
const columns = 80

// wrap fills the lines of each paragraph anew. Lines that begin with a space stay as
// they are: they show what to type.
func wrap(text string, width int) string {
	var out, paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			out = append(out, fill(strings.Fields(strings.Join(paragraph, " ")), width)...)
			paragraph = nil
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == ' ' || line[0] == '\t' {
			flush()
			out = append(out, line)
			continue
		}
		paragraph = append(paragraph, line)
	}
	flush()
	return strings.Join(out, "\n")
}

// fill puts words into lines of at most width runes, where no word is longer.
func fill(words []string, width int) (lines []string) {
	for _, word := range words {
		last := len(lines) - 1
		if last >= 0 && utf8.RuneCountInString(lines[last])+1+utf8.RuneCountInString(word) <= width {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}

// hang puts text behind a label; its further lines begin below its first one.
func hang(label, text string, width int) string {
	indent := utf8.RuneCountInString(label)
	return label + strings.Join(fill(strings.Fields(text), width-indent), "\n"+strings.Repeat(" ", indent))
}
