package manifest

import (
	"bytes"
	_ "embed" // the template
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/goccy/go-yaml"
)

// Draft is what is known of a manifest that is yet to be written. Exactly one
// of Image, Dockerfile, Command and URL is set.
type Draft struct {
	Image      string
	Dockerfile string   // the folder to build in
	Command    []string // with ${HTTP_PORT} and ${GRPC_PORT} in its words
	URL        string
	HTTPPort   int    // inside the container; default 8080
	GRPCPort   int    // the same, where GRPC is set; default 9090
	GRPC       string // beside URL, the host and port of direct gRPC, or ""
	// Dialects in the order of DialectNames.
	Dialects []string
	// Account is the login of the full account, and of the session dialect its
	// e-mail address. Default: from the environment, like the passwords.
	Account string
}

//go:embed draft.yaml.tmpl
var draftTemplate string

// YAML writes the draft as a commented manifest, in which all that has a
// default or is optional stands as a comment. Passwords are references to
// DRAGOMAN_SESSION_PASSWORD and the like. The error says what is missing.
func (d Draft) YAML() ([]byte, error) {
	for _, dialect := range d.Dialects {
		if !slices.Contains(DialectNames(), dialect) {
			return nil, fmt.Errorf("draft a manifest: no dialect %q; there are %s", dialect, strings.Join(DialectNames(), ", "))
		}
	}
	if d.HTTPPort == 0 {
		d.HTTPPort = 8080
	}
	if d.GRPCPort == 0 {
		d.GRPCPort = 9090
	}
	functions := template.FuncMap{"quote": quoted, "upper": strings.ToUpper}
	draft, err := template.New("draft").Funcs(functions).Parse(draftTemplate)
	if err != nil {
		return nil, fmt.Errorf("draft a manifest: %w", err)
	}
	var out bytes.Buffer
	if err := draft.Execute(&out, d); err != nil {
		return nil, fmt.Errorf("draft a manifest: %w", err)
	}
	// What is written has to be right but for the values that are not known yet.
	if _, err := Parse("the draft", out.Bytes(), func(string) (string, bool) { return "unknown", true }); err != nil {
		return nil, fmt.Errorf("draft a manifest: %w", err)
	}
	return out.Bytes(), nil
}

// Speaks says whether a dialect is in the draft.
func (d Draft) Speaks(dialect string) bool { return slices.Contains(d.Dialects, dialect) }

// Contained says whether the subject runs in a container.
func (d Draft) Contained() bool { return d.Image != "" || d.Dockerfile != "" }

// DirectGRPC says whether the rpc dialect is to be judged over gRPC, too: not where
// a command is given no port for it, or a URL no address.
func (d Draft) DirectGRPC() bool {
	switch {
	case !d.Speaks("rpc"):
		return false
	case d.URL != "":
		return d.GRPC != ""
	case len(d.Command) > 0:
		return strings.Contains(strings.Join(d.Command, " "), "${GRPC_PORT}")
	}
	return true
}

// quoted writes a value as YAML in one line.
func quoted(value any) (string, error) {
	written, err := yaml.MarshalWithOptions(value, yaml.JSON())
	return strings.TrimSpace(string(written)), err
}
