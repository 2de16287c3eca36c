package wire

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// Paths, fields, header and lives of the form dialect.
const (
	FormLoginPath = "/login"
	FormItemsPath = "/items"

	// FormTokenHeader carries the token in every request after the login.
	FormTokenHeader = "X-Auth-Bearer"

	// Fields of the login form and of the query of GET and DELETE.
	FormFieldLogin     = "login"
	FormFieldPass      = "pass"
	FormFieldLongToken = "longtoken"
	FormFieldToken     = "token"

	// FormShortLife is the life of a token without longtoken (FRM-02).
	FormShortLife = 24 * time.Hour
	// FormLongLife is the life of a token with longtoken=true (FRM-03).
	FormLongLife = 30 * 24 * time.Hour
)

// FormToken answers POST, GET and PUT of /login. The document specifies neither the
// format of validTo nor the type of user, so both are raw here: read them with
// [ParseValidTo] and [FormUserName].
type FormToken struct {
	Token   string          `json:"token"`
	ValidTo json.RawMessage `json:"validTo"`
	User    json.RawMessage `json:"user"`
}

// FormExtend is the JSON body of PUT /login.
type FormExtend struct {
	Token     string `json:"token"`
	LongToken bool   `json:"longtoken,omitempty"`
}

// FormUserName finds the login in the user member of a [FormToken]: the string
// itself, or, when user is an object, the first of login, username, name and
// email that is a string, there or in an object below. It returns "" when there
// is none.
func FormUserName(user json.RawMessage) string {
	var value any
	if json.Unmarshal(user, &value) != nil {
		return ""
	}
	if name, ok := value.(string); ok {
		return name
	}
	return userName(value)
}

func userName(value any) string {
	object, ok := value.(map[string]any)
	if !ok {
		return ""
	}
	for _, key := range []string{"login", "username", "name", "email"} {
		if name, ok := object[key].(string); ok {
			return name
		}
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if name := userName(object[key]); name != "" {
			return name
		}
	}
	return ""
}
