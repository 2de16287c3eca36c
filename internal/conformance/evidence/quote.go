package evidence

import (
	"strconv"
	"strings"
)

// begin and end stand around what went over the wire, inside what the judge says.
// No text of a server has them: they are for private use, and Quote drops them.
const (
	begin = "\uE0FE"
	end   = "\uE0FF"
)

var dropMarks = strings.NewReplacer(begin, "\uFFFD", end, "\uFFFD")

// Quote marks a text that went over the wire, in a sentence of the judge's own.
// HideIn, which every such sentence passes before it is shown, hides what is
// secret in it and puts it into quotation marks.
func Quote(text string) string { return begin + dropMarks.Replace(text) + end }

// HideIn makes a sentence of the judge's own fit to be shown. The secrets in what
// it quotes are hidden as Hide does. Of its own words only what can be nothing
// else than a secret is: there should be none. A nil *Secrets hides nothing.
func (s *Secrets) HideIn(sentence string) string {
	var out strings.Builder
	for {
		own, rest, quotes := strings.Cut(sentence, begin)
		out.WriteString(s.hideKinds(own, aMixture))
		if !quotes {
			return out.String()
		}
		quoted, after, _ := strings.Cut(rest, end)
		out.WriteString(strconv.Quote(s.Hide(quoted)))
		sentence = after
	}
}
