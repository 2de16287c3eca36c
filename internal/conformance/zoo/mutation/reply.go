package mutation

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
)

// Reply is an answer that has not been sent yet.
type Reply struct {
	Request *http.Request
	Status  int
	Header  http.Header
	Body    []byte
}

// Record lets a handler answer into memory. The request's body can be read
// once more afterwards.
func Record(handler http.Handler, r *http.Request) *Reply {
	recorder := memhttp.NewRecorder()
	read := Body(r)
	handler.ServeHTTP(recorder, r)
	SetBody(r, read)
	return &Reply{Request: r, Status: recorder.Status(), Header: recorder.Header(), Body: recorder.Body()}
}

// Send sends it.
func (a *Reply) Send(w http.ResponseWriter) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	if a.Status == http.StatusNoContent {
		w.Header().Del("Content-Length") // RFC 9110 8.6; over HTTP/2 the answer would be cut short
	} else {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // a client that is gone has its answer
}

// OK says whether it is a success.
func (a *Reply) OK() bool { return a.Status >= 200 && a.Status <= 299 }

// Members are the members of the JSON object that is the body; nil where it is
// none.
func (a *Reply) Members() map[string]any { return Object(a.Body) }

// Member is a member that is a string, or "".
func (a *Reply) Member(name string) string {
	text, _ := a.Members()[name].(string)
	return text
}

// MemberTexts is a member that is a list of texts; nil is for anything else.
func (a *Reply) MemberTexts(name string) []string {
	list, ok := a.Members()[name].([]any)
	if !ok {
		return nil
	}
	texts := make([]string, 0, len(list))
	for _, element := range list {
		if text, ok := element.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// Set gives a member of the body a value, where the body is an object.
func (a *Reply) Set(name string, value any) {
	if members := a.Members(); members != nil {
		members[name] = value
		a.Write(members)
	}
}

// SetWhereOK is Set for successes only.
func (a *Reply) SetWhereOK(name string, value any) {
	if a.OK() {
		a.Set(name, value)
	}
}

// Becomes changes one status into another.
func (a *Reply) Becomes(from, to int) {
	if a.Status == from {
		a.Status = to
	}
}

// Drop takes a member away.
func (a *Reply) Drop(name string) {
	if members := a.Members(); members != nil {
		delete(members, name)
		a.Write(members)
	}
}

// Write makes a value the body.
func (a *Reply) Write(value any) {
	a.Body = JSON(value)
	a.Header.Set("Content-Type", "application/json")
}

// Replace makes it another answer altogether.
func (a *Reply) Replace(status int, body any) {
	a.Status = status
	a.Write(body)
}

// Entries are the objects in the JSON array that is the body; nil where it is
// none.
func (a *Reply) Entries() []map[string]any {
	var entries []map[string]any
	if json.Unmarshal(a.Body, &entries) != nil {
		return nil
	}
	return entries
}

// Texts are the texts in the JSON array that is the body; nil where it is none.
func (a *Reply) Texts() []string {
	var texts []string
	if json.Unmarshal(a.Body, &texts) != nil {
		return nil
	}
	return texts
}
