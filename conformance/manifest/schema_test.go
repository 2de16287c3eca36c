package manifest_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

var update = flag.Bool("update", false, "write the JSON Schema anew")

var schemaFile = filepath.Join("..", "..", "docs", "schema", "manifest.json")

// object is a piece of JSON Schema.
type object = map[string]any

// required are the keys that have no default, by type.
var required = map[string][]string{
	"Manifest": {"subject", "dialects"}, "Session": {"accounts"}, "Form": {"accounts"}, "RPC": {"accounts"}, "Scoped": {"accounts"},
	"MailAccounts": {"full"}, "LoginAccounts": {"full"}, "MailAccount": {"email", "password"}, "LoginAccount": {"login", "password"}, "SecondFactor": {"login", "password", "secret"},
	"APIKey": {"key", "denied"}, "Locale": {"name", "login", "protected"}, "Deviation": {"id", "reason", "link", "until"},
}

// rules are what more there is to say of a type.
var rules = map[string]object{
	"Subject":  {"oneOf": []object{having("image"), having("dockerfile"), having("command"), {"anyOf": []object{having("url"), having("grpc")}}, having("builtin")}},
	"Clock":    {"oneOf": []object{having("path"), having("command"), having("wait")}},
	"Dialects": {"minProperties": 1},
	"RPC":      {"anyOf": []object{having("http"), having("grpc")}},
}

func having(key string) object { return object{"required": []string{key}} }

// writer makes the schema of the manifest's types out of the types and their
// comments.
type writer struct {
	comments map[string]string // of types, and of fields as Type.Field
	types    object
}

func (w *writer) of(t reflect.Type) object {
	const variable = `\$\{[^{}]+\}` // a value that comes from the environment
	switch {
	case t.Kind() == reflect.Pointer:
		return w.of(t.Elem())
	case t == reflect.TypeFor[time.Duration]():
		return object{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$|` + variable}
	case t.Kind() == reflect.Struct:
		w.structure(t)
		return object{"$ref": "#/$defs/" + t.Name()}
	case t.Kind() == reflect.Slice:
		return object{"type": "array", "items": w.of(t.Elem())}
	case t.Kind() == reflect.Map:
		return object{"type": "object", "additionalProperties": w.of(t.Elem())}
	case t.Kind() == reflect.Int:
		return object{"type": []string{"integer", "string"}, "pattern": `^[0-9]+$|` + variable}
	case t.Kind() == reflect.Bool:
		return object{"type": "boolean"}
	}
	return object{"type": []string{"string", "number", "boolean"}}
}

func (w *writer) structure(t reflect.Type) {
	if _, done := w.types[t.Name()]; done {
		return
	}
	properties := object{}
	described := object{"type": "object", "additionalProperties": false, "properties": properties}
	w.types[t.Name()] = described
	if text := w.comments[t.Name()]; text != "" {
		described["description"] = text
	}
	if keys := required[t.Name()]; keys != nil {
		described["required"] = keys
	}
	for key, rule := range rules[t.Name()] {
		described[key] = rule
	}
	for field := range t.Fields() {
		if !field.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		property := w.of(field.Type)
		if text := w.comments[t.Name()+"."+field.Name]; text != "" {
			property["description"] = text
		}
		properties[name] = property
	}
}

// comments reads what stands above and behind types and fields.
func comments(t *testing.T) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range []string{"manifest.go", "dialects.go"} {
		file, err := parser.ParseFile(files, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	found := map[string]string{}
	text := func(groups ...*ast.CommentGroup) string {
		var all []string
		for _, g := range groups {
			all = append(all, strings.Fields(g.Text())...)
		}
		return strings.Join(all, " ")
	}
	for _, file := range parsed {
		ast.Inspect(file, func(node ast.Node) bool {
			declaration, ok := node.(*ast.GenDecl)
			if !ok || len(declaration.Specs) != 1 {
				return true
			}
			spec, ok := declaration.Specs[0].(*ast.TypeSpec)
			if !ok {
				return true
			}
			found[spec.Name.Name] = text(declaration.Doc)
			if fields, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range fields.Fields.List {
					for _, name := range field.Names {
						found[spec.Name.Name+"."+name.Name] = text(field.Doc, field.Comment)
					}
				}
			}
			return true
		})
	}
	if found["Manifest"] == "" {
		t.Fatal("the types have no comments: the schema would explain nothing")
	}
	return found
}

// TestSchema keeps the published JSON Schema in step with the Go types. Run it
// with -update after changing them.
func TestSchema(t *testing.T) {
	t.Parallel()
	w := &writer{comments: comments(t), types: object{}}
	root := w.of(reflect.TypeFor[manifest.Manifest]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "https://raw.githubusercontent.com/dragoman-auth/dragoman/main/docs/schema/manifest.json"
	root["title"] = "dragoman manifest"
	root["$defs"] = w.types
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, written.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	published, err := os.ReadFile(schemaFile)
	if err != nil || !bytes.Equal(published, written.Bytes()) {
		t.Errorf("%s is not what the types say (%v); run go test ./conformance/manifest -run TestSchema -update", schemaFile, err)
	}
}

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// validate reads YAML as an editor does, and holds it against the schema.
func validate(t *testing.T, schema *jsonschema.Schema, text []byte) error {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

// TestSchemaAcceptsShippedManifests: every manifest in the repository.
func TestSchemaAcceptsShippedManifests(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	shipped := 0
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "dragoman.yaml" && entry.Name() != "reference.yaml" {
			return err
		}
		shipped++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := validate(t, schema, text); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		return nil
	})
	if err != nil || shipped < 6 {
		t.Errorf("%d manifests were found (%v)", shipped, err)
	}
	draft, err := manifest.Draft{Image: "a", Dialects: manifest.DialectNames()}.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(t, schema, draft); err != nil {
		t.Errorf("a draft: %v", err)
	}
	if err := validate(t, schema, []byte(minimal)); err != nil {
		t.Errorf("the smallest: %v", err)
	}
}

// TestSchemaRefuses what Parse refuses, as far as a schema can.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	for name, text := range map[string]string{
		"an unknown key":       strings.Replace(minimal, "accounts:", "acounts:", 1),
		"a missing password":   strings.Replace(minimal, `, password: "${SESSION_PASSWORD}"`, "", 1),
		"no subject":           "dialects: {form: {accounts: {full: {login: a, password: b}}}}\n",
		"two subjects":         strings.Replace(minimal, "subject:\n", "subject:\n  builtin: true\n", 1),
		"no dialect":           "subject: {builtin: true}\ndialects: {}\n",
		"a wrong type":         strings.Replace(minimal, "accounts:", "token_life: soon\n    accounts:", 1),
		"a bare number":        strings.Replace(minimal, "accounts:", "token_life: 600\n    accounts:", 1),
		"a word for a yes":     strings.Replace(minimal, "accounts:", "inflection: maybe\n    accounts:", 1),
		"a list for a mapping": "subject: [a]\ndialects: {form: {accounts: {full: {login: a, password: b}}}}\n",
		"no transport":         minimal + "  rpc: {accounts: {full: {login: a, password: b}}}\n",
		"two clocks":           minimal + "clock: {path: '/clock/{seconds}', wait: 15m}\n",
	} {
		if _, err := parse(text); err == nil {
			t.Errorf("%s: Parse accepts it", name)
		}
		if err := validate(t, schema, []byte(text)); err == nil {
			t.Errorf("%s: the schema accepts it", name)
		}
	}
}
