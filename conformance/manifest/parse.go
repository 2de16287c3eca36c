package manifest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Load reads the manifest in a file, takes ${NAME} references from the
// environment of this process, and makes its relative paths (subject.dir,
// subject.dockerfile.context, clock.dir, public_key.file, the files of subject.tls
// and dialects.rpc.grpc.trust) start at the manifest's folder. Otherwise it does what Parse does.
func Load(path string) (*Manifest, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	m, err := Parse(filepath.Base(path), data, os.LookupEnv)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	if len(m.Subject.Command) > 0 {
		m.Subject.Dir = below(dir, m.Subject.Dir)
	}
	if m.Clock != nil && len(m.Clock.Command) > 0 {
		m.Clock.Dir = below(dir, m.Clock.Dir)
	}
	if d := m.Subject.Dockerfile; d != nil {
		d.Context = below(dir, d.Context)
	}
	if k := m.PublicKey; k != nil && k.File != "" {
		k.File = below(dir, k.File)
	}
	m.Subject.TLS.startAt(dir)
	if m.NeedsGRPC() {
		m.Dialects.RPC.GRPC.Trust.startAt(dir)
	}
	return m, nil
}

// startAt lets relative files start at a folder.
func (t *TLS) startAt(dir string) {
	if t == nil {
		return
	}
	for _, file := range []*string{&t.CA, &t.Cert, &t.Key} {
		if *file != "" {
			*file = below(dir, *file)
		}
	}
}

func below(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// Parse reads a manifest. Name stands for it in errors, as "dragoman.yaml".
// Lookup finds the values of ${NAME} references in string values; $${ is a
// literal ${. An unknown key, a wrong type, a reference to an unset variable,
// a missing or senseless value is an *Error, whose one line says where and
// what to do. Of several mistakes the first in the file is told.
func Parse(name string, data []byte, lookup func(string) (string, bool)) (*Manifest, error) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, syntaxError(name, err)
	}
	root, err := soleDocument(name, file)
	if err != nil {
		return nil, err
	}
	found := &reading{name: name, lookup: lookup, lines: map[string]int{}, values: map[string]string{}}
	found.walk(root, schemaOf[Manifest](), "")
	if found.err != nil {
		return nil, found.err
	}
	var m Manifest
	if err := yaml.NodeToValue(root, &m, yaml.DisallowUnknownField()); err != nil {
		return nil, syntaxError(name, err)
	}
	m.references = found.values
	m.complete()
	check := &checking{name: name, lines: found.lines}
	check.manifest(&m)
	if check.err != nil {
		return nil, check.err
	}
	return &m, nil
}

// Error is a mistake in a manifest.
type Error struct {
	File    string // the name that Parse was given
	Line    int    // counted from 1; 0 where no line can be named
	Problem string // what is wrong and what to do, in one line
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Problem)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Problem)
}

// syntaxError turns an error of the YAML library, which quotes the source over
// several lines, into one line. The source may hold secrets, so it is dropped.
func syntaxError(name string, err error) *Error {
	var located yaml.Error
	if !errors.As(err, &located) {
		return &Error{File: name, Problem: "not a manifest in YAML"}
	}
	line := 0
	if token := located.GetToken(); token != nil && token.Position != nil {
		line = token.Position.Line
	}
	return &Error{File: name, Line: line, Problem: located.GetMessage()}
}

func soleDocument(name string, file *ast.File) (ast.Node, error) {
	var root ast.Node
	for _, document := range file.Docs {
		if document.Body == nil {
			continue
		}
		if root != nil {
			return nil, &Error{File: name, Line: line(document.Body), Problem: "a manifest is one YAML document, and a second begins here"}
		}
		root = document.Body
	}
	if root == nil {
		return nil, &Error{File: name, Problem: "the manifest is empty"}
	}
	return root, nil
}

func line(node ast.Node) int {
	if token := node.GetToken(); token != nil && token.Position != nil {
		return token.Position.Line
	}
	return 0
}
