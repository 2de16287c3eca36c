//go:build !race

package openapi_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"
)

// limits are the requests that the server refuses and OpenAPI cannot describe, or
// not in a reasonable size. The descriptions refuse everything else that the
// server answers with 400 or 415.
var limits = []struct {
	what string
	is   func(dialect string, e exchange) bool
}{
	{"a field of a form, or the token of a query, occurs once", func(dialect string, e exchange) bool {
		return dialect == "form" && (repeated(string(e.asked)) || repeated(e.request.URL.RawQuery))
	}},
	{"a page_token is one that the server has issued", func(dialect string, e exchange) bool {
		var body struct {
			Method string `json:"method"`
			Data   struct {
				Token string `json:"page_token"`
			} `json:"data"`
		}
		_ = json.Unmarshal(e.asked, &body) // a member of another type is not a page_token
		return dialect == "rpc" && strings.HasSuffix(body.Method, ".ListCameras") && body.Data.Token != ""
	}},
	{"a name has at most 200 bytes: schemas count characters", func(dialect string, e exchange) bool {
		var body struct {
			Name string `json:"name"`
		}
		_ = json.Unmarshal(e.asked, &body) // see above
		return dialect == "scoped" && len(body.Name) > 200 && utf8.RuneCountInString(body.Name) <= 200
	}},
	{"all scopes have at most 8192 bytes together", func(dialect string, e exchange) bool {
		var body struct {
			Scopes []string `json:"scopes"`
		}
		_ = json.Unmarshal(e.asked, &body) // see above
		return dialect == "scoped" && len(strings.Join(body.Scopes, "")) > 8192
	}},
	{"a life has at most 100 years", func(dialect string, e exchange) bool {
		var body struct {
			Life string `json:"expiresIn"`
		}
		_ = json.Unmarshal(e.asked, &body) // see above
		digits, _, _ := strings.Cut(body.Life, " ")
		return dialect == "scoped" && len(digits) > 2 && digits != "100"
	}},
}

func repeated(query string) bool {
	fields, err := url.ParseQuery(query)
	for _, values := range fields {
		if err == nil && len(values) > 1 {
			return true
		}
	}
	return false
}

// beyondSchema returns the limit that an exchange has met, or "".
func beyondSchema(dialect string, e exchange) string {
	for _, limit := range limits {
		if limit.is(dialect, e) {
			return limit.what
		}
	}
	return ""
}
