package main

import (
	"bytes"
	"io"
	"os"
	"regexp"

	"golang.org/x/term"

	"github.com/dragoman-auth/dragoman/conformance/report"
)

// takesColour says whether w is a terminal that may get colours. None does where NO_COLOR
// is set (https://no-color.org).
func takesColour(w io.Writer) bool {
	file, is := w.(*os.File)
	return is && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(file.Fd()))
}

// verdictWord is a verdict where a line of the table begins, or the conclusion.
var verdictWord = regexp.MustCompile(`(?m)^((?:  )?)(PASS|FAIL|WARN|UNTESTABLE|KNOWN-DEVIATION|NON-CONFORMANT|CONFORMANT-WITH-GAPS|CONFORMANT)\b`)

// colours are codes of a terminal for what a verdict says.
var colours = map[string]string{
	"PASS": "32", "CONFORMANT": "32", "FAIL": "31", "NON-CONFORMANT": "31",
	"WARN": "33", "UNTESTABLE": "33", "KNOWN-DEVIATION": "33", "CONFORMANT-WITH-GAPS": "33",
}

// writeTable prints a report for people. The report's own text has no control characters,
// so nothing that a server says can change colours.
func writeTable(r *report.Report, w io.Writer, colour bool) error {
	if !colour {
		return r.WriteText(w)
	}
	var text bytes.Buffer
	if err := r.WriteText(&text); err != nil {
		return err
	}
	_, err := io.WriteString(w, coloured(text.String()))
	return err
}

func coloured(text string) string {
	return verdictWord.ReplaceAllStringFunc(text, func(found string) string {
		parts := verdictWord.FindStringSubmatch(found)
		return parts[1] + "\x1b[" + colours[parts[2]] + "m" + parts[2] + "\x1b[0m"
	})
}
