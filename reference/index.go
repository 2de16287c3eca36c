package reference

import (
	"bytes"
	_ "embed" // the page
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"

	"github.com/dragoman-auth/dragoman/internal/reference/openapi"
	"github.com/dragoman-auth/dragoman/internal/reference/prefix"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

//go:embed index.html
var indexPage string

// indexed is the content of both forms of GET /.
type indexed struct {
	Name     string           `json:"name"`
	Dialects []indexedDialect `json:"dialects"`
}

type indexedDialect struct {
	Dialect string   `json:"dialect"`
	Paths   []string `json:"paths"`
	// OpenAPI is the path of the description.
	OpenAPI string `json:"openapi"`
	// JWKS is the path of the public keys of the dialect's tokens.
	JWKS string `json:"jwks,omitempty"`
}

// index serves GET /: the dialects and their paths, as JSON, or as an HTML page to
// clients that accept text/html. Both are made when they are asked for: most servers of
// tests never are.
func index(dialects []string, prefixes prefix.Set) http.Handler {
	asJSON := sync.OnceValue(func() http.Handler {
		list, err := json.MarshalIndent(contentOf(dialects, prefixes), "", "  ")
		if err != nil {
			panic(fmt.Sprintf("write the index: %v", err)) // strings always marshal
		}
		return static("application/json", append(list, '\n'))
	})
	asPage := sync.OnceValue(func() http.Handler {
		var page bytes.Buffer
		if err := template.Must(template.New("index").Parse(indexPage)).Execute(&page, contentOf(dialects, prefixes)); err != nil {
			panic(fmt.Sprintf("write the index page: %v", err)) // the page is embedded
		}
		return static("text/html; charset=utf-8", page.Bytes())
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept")
		if strings.Contains(r.Header.Get("Accept"), "text/html") {
			w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
			asPage().ServeHTTP(w, r)
			return
		}
		asJSON().ServeHTTP(w, r)
	})
}

func contentOf(dialects []string, prefixes prefix.Set) indexed {
	content := indexed{Name: "dragoman reference server"}
	for _, dialect := range dialects {
		at := prefixes[dialect]
		one := indexedDialect{Dialect: dialect, OpenAPI: at + openapiPath(dialect)}
		for _, path := range collections[dialect] {
			one.Paths = append(one.Paths, at+path)
		}
		if dialect == wire.RPC {
			one.JWKS = at + jwksPath
		}
		content.Dialects = append(content.Dialects, one)
	}
	return content
}

func openapiPath(dialect string) string { return "/openapi/" + dialect + ".json" }

// descriptions are the OpenAPI documents of the dialects, by their path.
func descriptions(dialects []string, prefixes prefix.Set) map[string]http.Handler {
	handlers := map[string]http.Handler{}
	for _, dialect := range dialects {
		handlers[openapiPath(dialect)] = getOnly(func(w http.ResponseWriter, _ *http.Request) {
			document, err := openapi.Document(dialect, prefixes[dialect])
			if err != nil {
				panic(fmt.Sprintf("describe the dialects: %v", err)) // every dialect has one
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(document)
		})
	}
	return handlers
}
