package scoped

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// registerMethods binds the steps about the list of methods that scopes may
// name. Its shape is not documented; see namedMethods.
func (s *steps) registerMethods() {
	s.Step(`^the answer names the method "([^"]*)"$`, s.namesMethod)
}

func (s *steps) namesMethod(text string) error {
	a, err := s.Answer()
	if err != nil {
		return err
	}
	value, err := a.JSON()
	if err != nil {
		return err
	}
	named := map[string]bool{}
	s.namedMethods(value, "", "", named)
	if !named[s.plainMethod(s.names.Replace(text))] {
		return fmt.Errorf("expected the list of methods to name %q, got %s", s.names.Replace(text), a.Brief())
	}
	return nil
}

// namedMethods collects all methods in a JSON value, in whatever shape: texts
// such as "GET /objects"; objects with a verb and a path among their members;
// verbs that hold paths and paths that hold verbs, as members' names. verb and
// path are those known from around the value.
func (s *steps) namedMethods(value any, verb, path string, named map[string]bool) {
	switch value := value.(type) {
	case string:
		verb, path = readMethod(value, verb, path)
	case []any:
		for _, element := range value {
			s.namedMethods(element, verb, path, named)
		}
		return
	case map[string]any:
		for _, member := range exchange.ByName(value) {
			if text, ok := member.(string); ok && isVerbOrPath(text) {
				verb, path = readMethod(text, verb, path)
			}
		}
		for name, member := range exchange.ByName(value) {
			innerVerb, innerPath := readMethod(name, verb, path)
			s.namedMethods(member, innerVerb, innerPath, named)
		}
	}
	if verb != "" && path != "" {
		named[s.plainMethod(verb+" "+path)] = true
	}
}

var (
	verbPattern   = regexp.MustCompile(`(?i)^(GET|POST|PUT|PATCH|DELETE|HEAD)$`)
	methodPattern = regexp.MustCompile(`(?i)^(GET|POST|PUT|PATCH|DELETE|HEAD)\s+(/\S*)$`)
	parameter     = regexp.MustCompile(`^(:.+|\{.+\}|<.+>)$`)
)

func isVerbOrPath(text string) bool {
	return verbPattern.MatchString(text) || strings.HasPrefix(text, "/")
}

// readMethod takes from a text what it says about a method: verb, path or both.
func readMethod(text, verb, path string) (string, string) {
	if both := methodPattern.FindStringSubmatch(text); both != nil {
		return strings.ToUpper(both[1]), both[2]
	}
	switch {
	case verbPattern.MatchString(text):
		return strings.ToUpper(text), path
	case strings.HasPrefix(text, "/"):
		return verb, text
	}
	return verb, path
}

// plainMethod writes a method without the prefix and without the names of its
// parameters, however they are marked.
func (s *steps) plainMethod(method string) string {
	verb, path, _ := strings.Cut(method, " ")
	segments := strings.Split(strings.TrimPrefix(path, s.declared.Prefix), "/")
	for i, segment := range segments {
		if parameter.MatchString(segment) {
			segments[i] = ":"
		}
	}
	return verb + " " + strings.Join(segments, "/")
}
