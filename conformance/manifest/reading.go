package manifest

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// schema is what a place in the manifest may hold: the type behind it. A nil
// schema holds anything.
//
// It is made by hand, although editors have docs/schema/manifest.json, which a test
// writes from the same types. A validator of JSON Schema sees values without their
// lines, and reports that no branch of a schema fits; users are told the line, the
// key that they probably meant, and what to write. The walk is there for the lines
// and the ${NAME} references anyway, and these checks add a few lines to it.
type schema struct{ t reflect.Type }

func schemaOf[T any]() schema { return schema{t: reflect.TypeFor[T]()} }

// keys are the keys that a mapping in this place may have, or nil where it may
// have any, and what each of them holds.
func (s schema) keys() map[string]schema {
	t := s.deref()
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	keys := make(map[string]schema, t.NumField())
	for field := range t.Fields() {
		if !field.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		keys[name] = schema{t: field.Type}
	}
	return keys
}

// element is what the entries of a list or of a free mapping hold.
func (s schema) element() schema {
	if t := s.deref(); t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Map) {
		return schema{t: t.Elem()}
	}
	return schema{}
}

func (s schema) deref() reflect.Type {
	if s.t != nil && s.t.Kind() == reflect.Pointer {
		return s.t.Elem()
	}
	return s.t
}

// wants says in words what has to stand here, for a mapping or a list.
func (s schema) wants() string {
	switch t := s.deref(); {
	case t == nil:
		return "a value"
	case t == reflect.TypeFor[time.Duration]():
		return `a duration as "10m" or "24h"`
	case t.Kind() == reflect.Struct, t.Kind() == reflect.Map:
		return "a mapping (indented keys below it, or {} for the defaults)"
	case t.Kind() == reflect.Slice:
		return "a list"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int:
		return "a whole number"
	}
	return "a text"
}

// reading walks a manifest's nodes once: it finds unknown keys, puts values
// into ${NAME} references and remembers on which line each path stands.
type reading struct {
	name   string
	lookup func(string) (string, bool)
	lines  map[string]int    // path, as "dialects.session", to line
	values map[string]string // of the environment variables that it refers to
	err    error             // the first mistake
}

func (r *reading) fail(node ast.Node, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{File: r.name, Line: line(node), Problem: fmt.Sprintf(format, args...)}
	}
}

func (r *reading) walk(node ast.Node, place schema, path string) {
	if r.err != nil {
		return
	}
	r.lines[path] = line(node)
	switch node := node.(type) {
	case *ast.MappingNode:
		r.mapping(node, node.Values, place, path)
	case *ast.MappingValueNode:
		r.mapping(node, []*ast.MappingValueNode{node}, place, path)
	case *ast.SequenceNode:
		r.sequence(node, place, path)
	case *ast.LiteralNode:
		r.text(node.Value, place, path)
	case *ast.StringNode:
		r.text(node, place, path)
	case *ast.NullNode:
		if place.keys() != nil && place.t.Kind() == reflect.Pointer {
			r.fail(node, `%s is empty: write {} for the defaults, or leave the key out`, path)
		}
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		r.fail(node, "anchors, aliases and tags are not for manifests; write the value out")
	default: // numbers and booleans
		if !place.takes(node) {
			r.fail(node, "%s has to be %s", described(path), place.wants())
		}
	}
}

// takes says whether a number or a boolean may stand here. A text may be
// written as either.
func (s schema) takes(node ast.Node) bool {
	t := s.deref()
	switch {
	case t == nil || t.Kind() == reflect.String:
		return true
	case t == reflect.TypeFor[time.Duration]():
		return false
	}
	switch node.(type) {
	case *ast.BoolNode:
		return t.Kind() == reflect.Bool
	case *ast.IntegerNode:
		return t.Kind() == reflect.Int
	}
	return false
}

// asWritten turns a number or a boolean that stands for a text into that text,
// to the letter: the password 0123 is not 83.
func (s schema) asWritten(node ast.Node) ast.Node {
	if t := s.deref(); t == nil || t.Kind() != reflect.String {
		return node
	}
	switch node.(type) {
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return &ast.StringNode{BaseNode: &ast.BaseNode{}, Token: node.GetToken(), Value: node.GetToken().Value}
	}
	return node
}

func (r *reading) mapping(node ast.Node, entries []*ast.MappingValueNode, place schema, path string) {
	keys := place.keys()
	if t := place.deref(); keys == nil && (t == nil || t.Kind() != reflect.Map) {
		r.fail(node, "%s has to be %s", described(path), place.wants())
		return
	}
	for _, entry := range entries {
		key := entry.Key.String()
		if token := entry.Key.GetToken(); token != nil {
			key = token.Value
		}
		inner, below := place.element(), join(path, key)
		if keys != nil {
			known, ok := keys[key]
			if !ok {
				r.fail(entry.Key, "unknown key %q in %s%s", key, described(path), didYouMean(key, keys))
				return
			}
			inner = known
		}
		r.walk(entry.Value, inner, below)
		entry.Value = inner.asWritten(entry.Value)
		r.lines[below] = line(entry.Key)
	}
}

func (r *reading) sequence(node *ast.SequenceNode, place schema, path string) {
	if t := place.deref(); t == nil || t.Kind() != reflect.Slice {
		r.fail(node, "%s has to be %s, not a list", described(path), place.wants())
		return
	}
	for i, value := range node.Values {
		r.walk(value, place.element(), fmt.Sprintf("%s[%d]", path, i))
		node.Values[i] = place.element().asWritten(value)
	}
}

var reference = regexp.MustCompile(`\$?\$\{[^{}]*\}`)

// reserved are references that get their value when the subject starts.
var reserved = map[string]bool{"HTTP_PORT": true, "GRPC_PORT": true}

// text puts the values of environment variables into a string.
func (r *reading) text(node *ast.StringNode, place schema, path string) {
	if t := place.deref(); t != nil && (t.Kind() == reflect.Struct || t.Kind() == reflect.Map || t.Kind() == reflect.Slice) {
		r.fail(node, "%s has to be %s", described(path), place.wants())
		return
	}
	node.Value = reference.ReplaceAllStringFunc(node.Value, func(match string) string {
		if strings.HasPrefix(match, "$$") {
			return match[1:]
		}
		variable := match[2 : len(match)-1]
		switch value, set := r.lookup(variable); {
		case reserved[variable] && startsSubject(path):
			return match
		case reserved[variable]:
			r.fail(node, "%s: ${%s} is known only once the subject starts, and may stand in subject.command, subject.args and subject.env", path, variable)
		case !set:
			r.fail(node, "%s: the environment variable %s is not set; export it, or write $${%s} for the literal text", path, variable, variable)
		default:
			r.values[variable] = value
			return value
		}
		return match
	})
	if !place.parses(node.Value) {
		r.fail(node, "%s has to be %s", path, place.wants())
	}
}

// parses says whether a text may stand here, as itself or for a duration or a
// whole number.
func (s schema) parses(text string) bool {
	var err error
	switch t := s.deref(); {
	case t == nil:
	case t == reflect.TypeFor[time.Duration]():
		_, err = time.ParseDuration(text)
	case t.Kind() == reflect.Int:
		_, err = strconv.Atoi(text)
	case t.Kind() == reflect.Bool:
		return false
	}
	return err == nil
}

func startsSubject(path string) bool {
	for _, place := range []string{"subject.command", "subject.args", "subject.env"} {
		if strings.HasPrefix(path, place) {
			return true
		}
	}
	return false
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func described(path string) string {
	if path == "" {
		return "the manifest"
	}
	return path
}
