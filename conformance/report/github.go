package report

import (
	"fmt"
	"io"
	"strings"
)

// WriteSummary writes the report in Markdown, as GitHub shows it for a job: what
// $GITHUB_STEP_SUMMARY is for.
func (r *Report) WriteSummary(w io.Writer) error {
	out := &lines{w: w}
	out.printf("## %s: %s\n\n", markdown(r.Subject.Name), r.Conclusion.Headline())
	out.printf("%s\n\n", r.Conclusion.Meaning())
	for _, v := range Verdicts() {
		if n := r.Counts[v]; n > 0 {
			out.printf("- %d %s\n", n, v)
		}
	}
	if problems := r.problems(); len(problems) > 0 {
		out.printf("\n| verdict | requirement | dialect | what is wrong |\n| --- | --- | --- | --- |\n")
		for _, p := range problems {
			out.printf("| %s | %s | %s | %s |\n", p.Verdict, p.ID, p.Dialect, markdown(shorten(p.message, 400)))
		}
	}
	for _, e := range r.Errors {
		out.printf("\n%s\n", markdown(e.Error()))
	}
	for _, f := range r.Findings {
		if f.Severity == Warning {
			out.printf("\n%s\n", markdown(f.line()))
		}
	}
	return out.err
}

// markdown shows a text as it is: a server may have put anything into it.
func markdown(text string) string {
	var out strings.Builder
	for _, r := range oneLine(text) {
		switch {
		case strings.ContainsRune("\\`*_{}[]()#+!|~@$", r):
			out.WriteString("\\" + string(r))
		case r == '<':
			out.WriteString("&lt;")
		case r == '&':
			out.WriteString("&amp;")
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// WriteAnnotations writes a line for each requirement that is broken, as the log
// of a job on GitHub takes it. Manifest is as in WriteSARIF.
func (r *Report) WriteAnnotations(w io.Writer, manifest string) error {
	var out strings.Builder
	for _, p := range r.problems() {
		command := "warning"
		if p.severe {
			command = "error"
		}
		fmt.Fprintf(&out, "::%s file=%s,line=1,title=%s::%s\n", command, property(manifest), property(p.ID+" ("+p.Dialect+")"), annotation(p.message))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// annotation is a text that ends no command and begins none.
func annotation(text string) string {
	text = strings.Map(func(r rune) rune {
		if acts(r) {
			return ' '
		}
		return r
	}, text)
	return strings.ReplaceAll(text, "%", "%25")
}

func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(annotation(text))
}
