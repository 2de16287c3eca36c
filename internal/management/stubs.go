package management

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"

	"github.com/goccy/go-yaml"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// Stub is a route of a test that always answers the same, behind the mock's
// authentication.
type Stub struct {
	// Pattern is that of [http.ServeMux], as in "GET /orders/{id}".
	Pattern string `json:"pattern" yaml:"pattern"`
	// Status is 200 by default.
	Status int `json:"status" yaml:"status"`
	// Header is sent as it stands; Content-Type is application/json by default.
	Header map[string]string `json:"header" yaml:"header"`
	Body   string            `json:"body" yaml:"body"`
}

// registered is where ServeMux says that a pattern was added: in this program.
var registered = regexp.MustCompile(`\s*\(registered at [^)]*\)`)

// Add adds the route to a mock. The error says what is wrong with it.
func (stub Stub) Add(mock *mockserver.Server) (err error) {
	if stub.Pattern == "" {
		return errors.New("a stub needs a pattern, such as GET /orders")
	}
	if stub.Status != 0 && (stub.Status < 200 || stub.Status > 599) {
		return fmt.Errorf("status %d of %s: a stub answers 200 to 599", stub.Status, stub.Pattern)
	}
	defer func() {
		if cause := recover(); cause != nil { // ServeMux tells so of a pattern that it cannot take
			err = fmt.Errorf("the pattern %q: %s", stub.Pattern, registered.ReplaceAllString(fmt.Sprint(cause), ""))
		}
	}()
	mock.Handle(stub.Pattern, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for name, value := range stub.Header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(cmp.Or(stub.Status, http.StatusOK))
		_, _ = w.Write([]byte(stub.Body))
	}))
	return nil
}

// ReadStubs reads a YAML or JSON file that holds a list of stubs.
func ReadStubs(path string) ([]Stub, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the stubs: %w", err)
	}
	var stubs []Stub
	if err := yaml.UnmarshalWithOptions(text, &stubs, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read the stubs in %s: %w", path, err)
	}
	return stubs, nil
}

func (s *server) stub(r *http.Request) (any, error) {
	var stub Stub
	if err := read(r, &stub); err != nil {
		return nil, err
	}
	return nil, stub.Add(s.mock)
}
