package openapi_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"
)

// limits is what OpenAPI cannot say, or not without a page of it, and the server
// refuses. Everything else that it answers 400 or 415 the description refuses.
//
// The other way round there is one thing that is not asked: the server takes the
// names of members in any letter case, because encoding/json does. The
// descriptions know the documented names alone.
var limits = []struct {
	what string
	is   func(dialect string, e exchange) bool
}{
	{"that a field of a form, or the token of a query, stands there once", func(dialect string, e exchange) bool {
		return dialect == "form" && (repeated(string(e.asked)) || repeated(e.request.URL.RawQuery))
	}},
	{"that a page_token is one that was given", func(dialect string, e exchange) bool {
		var body struct {
			Method string `json:"method"`
			Data   struct {
				Token string `json:"page_token"`
			} `json:"data"`
		}
		_ = json.Unmarshal(e.asked, &body) // a member of another type is no page_token
		return dialect == "rpc" && strings.HasSuffix(body.Method, ".ListCameras") && body.Data.Token != ""
	}},
	{"that a name has at most 200 bytes: schemas count characters", func(dialect string, e exchange) bool {
		var body struct {
			Name string `json:"name"`
		}
		_ = json.Unmarshal(e.asked, &body) // see above
		return dialect == "scoped" && len(body.Name) > 200 && utf8.RuneCountInString(body.Name) <= 200
	}},
	{"that a life has at most 100 years", func(dialect string, e exchange) bool {
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

// beyondSchema says which limit an exchange has met, or nothing.
func beyondSchema(dialect string, e exchange) string {
	for _, limit := range limits {
		if limit.is(dialect, e) {
			return limit.what
		}
	}
	return ""
}
