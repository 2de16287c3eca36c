package exchange

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

type unguardedKey struct{}

// Unguarded notes in ctx that an answer which a step found wrong would have been given
// without credentials, too: then it says little about the row that is judged.
func Unguarded(ctx context.Context) context.Context {
	return context.WithValue(ctx, unguardedKey{}, true)
}

// IsUnguarded says whether ctx has that note.
func IsUnguarded(ctx context.Context) bool { return ctx.Value(unguardedKey{}) != nil }

// NeedsNone says whether the subject answers the request of an accepted answer alike when
// it comes without credentials: with a success whose body has the same members. It asks,
// and keeps that in the evidence where it is so.
func (c *Client) NeedsNone(ctx context.Context, a *Answer) bool {
	if a.again == nil || !a.granted() {
		return false
	}
	asks := &Client{Subject: c.Subject, DialectName: c.DialectName, Log: &evidence.Log{}}
	answer, err := a.again(ctx, asks)
	if err != nil || !answer.granted() || answer.shape() != a.shape() {
		return false
	}
	if asked, ok := asks.Log.Last(); ok {
		c.Log.Add(asked)
	}
	return true
}

// granted says whether an answer is a success by its status, and by its error_code where
// it has one.
func (a *Answer) granted() bool {
	code, given := a.ErrorCode()
	return a.Accepted() && (!given || IsOK(code))
}

// shape is what a body is, whatever its values are.
func (a *Answer) shape() string {
	value, err := a.JSON()
	if err != nil {
		return "text of " + a.Header.Get("Content-Type")
	}
	switch value := value.(type) {
	case map[string]any:
		return "object of " + strings.Join(slices.Sorted(maps.Keys(value)), ", ")
	case []any:
		return "array"
	}
	return "value"
}

// bare is the request without what tells who sends it: its header, query and body keep
// nothing but the name of the method that is called.
func (r Request) bare() Request {
	path, _, _ := strings.Cut(r.Path, "?")
	bare := NewRequest(r.Method, path)
	if kind := r.Header.Get("Content-Type"); kind != "" {
		bare = bare.With("Content-Type", kind)
	}
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(r.Body), &members) != nil {
		return bare
	}
	bare.Body = "{}"
	if method, calls := members["method"]; calls {
		bare.Body = `{"method":` + string(method) + `,"data":{}}`
	}
	return bare
}
