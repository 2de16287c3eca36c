package shared

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Expressions are the compiled expressions of steps, and which of them the steps of a
// scenario match. Thousands of scenarios have the steps of a dialect: what is compiled
// and matched once serves all. The zero Expressions is ready; it is safe for concurrent
// use.
type Expressions struct {
	byText  sync.Map // string to *regexp.Regexp
	matched sync.Map // the texts of a scenario's steps to *sync.Map: string to bool
}

func (e *Expressions) compile(text string) *regexp.Regexp {
	compiled, known := e.byText.Load(text)
	if !known {
		compiled, _ = e.byText.LoadOrStore(text, regexp.MustCompile(text))
	}
	return compiled.(*regexp.Regexp)
}

// Matching selects those that one of the texts matches, and all where there are none.
func (e *Expressions) Matching(texts []string) Selection {
	matched, _ := e.matched.LoadOrStore(strings.Join(texts, "\n"), &sync.Map{})
	return Selection{from: e, texts: texts, matched: matched.(*sync.Map)}
}

// Selection is some of the expressions: those that a scenario needs.
type Selection struct {
	from    *Expressions
	texts   []string
	matched *sync.Map // string to bool
}

// pick returns the compiled expression, or nil where it is not selected.
func (s Selection) pick(text string) *regexp.Regexp {
	compiled := s.from.compile(text)
	wanted, known := s.matched.Load(text)
	if !known {
		wanted = s.matches(compiled)
		s.matched.Store(text, wanted)
	}
	if !wanted.(bool) {
		return nil
	}
	return compiled
}

func (s Selection) matches(compiled *regexp.Regexp) bool {
	return len(s.texts) == 0 || slices.ContainsFunc(s.texts, compiled.MatchString)
}
