package pages

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A Command is what a console block shows behind one prompt.
type Command struct {
	Page  string
	Line  int
	Text  string     // lines that continue it included
	Calls [][]string // the programs that it starts, each with its arguments
}

// Commands reads a console block as a shell does. A command stands behind "$ ", or
// behind "# " where the superuser enters it; lines that the shell needs to complete
// it belong to it; what follows is output.
func (b Block) Commands() ([]Command, error) {
	lines := strings.SplitAfter(b.Text, "\n")
	var all []Command
	for i := 0; i < len(lines); i++ {
		text, prompted := strings.CutPrefix(lines[i], "$ ")
		if !prompted {
			text, prompted = strings.CutPrefix(lines[i], "# ")
		}
		if !prompted {
			continue
		}
		command := Command{Page: b.Page, Line: b.Line + i, Text: text}
		file, err := parse(command.Text)
		for (syntax.IsIncomplete(err) || strings.HasSuffix(command.Text, "\\\n")) && i+1 < len(lines) {
			i++
			command.Text += strings.TrimPrefix(lines[i], "> ")
			file, err = parse(command.Text)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", b.Page, command.Line, err)
		}
		command.Calls = calls(file, command.Text)
		all = append(all, command)
	}
	return all, nil
}

func parse(text string) (*syntax.File, error) {
	return syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
}

// calls are the programs that a command starts, in their order, also those inside of
// substitutions. What only the shell knows, as the value of a variable, stands there as
// it is written.
func calls(file *syntax.File, text string) [][]string {
	var all [][]string
	syntax.Walk(file, func(node syntax.Node) bool {
		if expr, is := node.(*syntax.CallExpr); is && len(expr.Args) > 0 {
			var words []string
			for _, word := range expr.Args {
				words = append(words, plain(text, word))
			}
			all = append(all, words)
		}
		return true
	})
	return all
}

// plain is a word without its quotes.
func plain(text string, word *syntax.Word) string {
	var out strings.Builder
	for _, part := range word.Parts {
		switch part := part.(type) {
		case *syntax.Lit:
			out.WriteString(strings.ReplaceAll(part.Value, `\`, ""))
		case *syntax.SglQuoted:
			out.WriteString(part.Value)
		case *syntax.DblQuoted:
			for _, inner := range part.Parts {
				out.WriteString(source(text, inner))
			}
		default:
			out.WriteString(source(text, part))
		}
	}
	return out.String()
}

func source(text string, node syntax.Node) string {
	return text[node.Pos().Offset():node.End().Offset()]
}
