package scoped

import (
	"encoding/json"
	"regexp"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/sdk"
)

// IssuedToken is a token that the server has issued. Its value is shown this once
// (SCP-14).
type IssuedToken struct {
	ID        string
	Name      string
	User      string
	Token     sdk.Secret
	Scopes    []string  // empty: everything that the user may do
	ExpiresAt time.Time // by the client's clock; zero: not known
}

// ListedToken is a token in the list of tokens.
type ListedToken struct {
	ID        string
	Name      string
	Scopes    []string  // empty: everything that the user may do
	ExpiresAt time.Time // by the client's clock; zero: not known
}

// readIssued reads the answer to both ways of issuing a token.
func readIssued(reply *sdk.Reply) (IssuedToken, error) {
	var answer wire.ScopedToken
	if err := reply.JSON(&answer); err != nil {
		return IssuedToken{}, err
	}
	if answer.Token == "" {
		return IssuedToken{}, reply.Protocol("token is missing")
	}
	issued := IssuedToken{
		ID: answer.ID, Name: answer.Name, User: answer.User.Name,
		Token: sdk.NewSecret(answer.Token), Scopes: answer.Scopes,
	}
	end, endErr := wire.ParseEpochMillis(answer.ExpiresAt)
	start, startErr := wire.ParseEpochMillis(answer.IssuedAt)
	switch {
	case endErr != nil || answer.ExpiresAt == 0:
	case startErr == nil && answer.IssuedAt > 0 && end.After(start):
		issued.ExpiresAt = reply.ExpiresIn(end.Sub(start)) // whatever the server's clock shows
	default:
		issued.ExpiresAt = reply.ExpiresAt(end)
	}
	return issued, nil
}

// readListed reads the list of tokens.
func readListed(reply *sdk.Reply) ([]ListedToken, error) {
	var answer []wire.ScopedListed
	if err := reply.JSON(&answer); err != nil {
		return nil, err
	}
	listed := make([]ListedToken, len(answer))
	for i, entry := range answer {
		listed[i] = ListedToken{ID: entry.ID, Name: entry.Name, Scopes: entry.Scopes}
		if end, err := wire.ParseEpochMillis(entry.ExpiresAt); err == nil && entry.ExpiresAt > 0 {
			listed[i].ExpiresAt = reply.ExpiresAt(end)
		}
	}
	return listed, nil
}

var errorName = regexp.MustCompile(`^[A-Z][A-Za-z]{0,30}Error$`)

// ErrorCode implements [sdk.ErrorCoder]: the name of the error, as in
// "RicError".
func (b *bearer) ErrorCode(body []byte) string {
	var answer struct {
		Name string `json:"name"`
	}
	_ = json.Unmarshal(body, &answer) // a body of another shape has no code
	if !errorName.MatchString(answer.Name) {
		return "" // whatever a server quotes there stays out of errors
	}
	return answer.Name
}

// readMethods finds the names of methods in an answer whose shape is not
// documented: every string in it that reads as a scope, and every object with
// a method and a path.
func readMethods(value any) []string {
	switch v := value.(type) {
	case string:
		if _, err := wire.ParseScope(v); err == nil {
			return []string{v}
		}
	case []any:
		var found []string
		for _, element := range v {
			found = append(found, readMethods(element)...)
		}
		return found
	case map[string]any:
		method, hasMethod := v["method"].(string)
		path, hasPath := v["path"].(string)
		if hasMethod && hasPath {
			return readMethods(method + " " + path)
		}
		var found []string
		for _, key := range sortedKeys(v) {
			found = append(found, readMethods(v[key])...)
		}
		return found
	}
	return nil
}
