package zoo

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// match selects requests.
type match func(*http.Request) bool

// at selects a method and a path. The method "*" is any; a path that ends in
// "/*" is everything below.
func at(method, path string) match {
	below, subtree := strings.CutSuffix(path, "*")
	return func(r *http.Request) bool {
		if method != "*" && r.Method != method {
			return false
		}
		return r.URL.Path == path || subtree && strings.HasPrefix(r.URL.Path, below)
	}
}

// anyOf selects what one of several select.
func anyOf(all ...match) match {
	return func(r *http.Request) bool {
		for _, one := range all {
			if one(r) {
				return true
			}
		}
		return false
	}
}

// reply is an answer that has not been sent yet.
type reply struct {
	Request *http.Request
	Status  int
	Header  http.Header
	Body    []byte
}

// answers changes the answers to some requests. The change sees an answer
// whole, and the request as the inner handler left it.
func (s *Server) answers(which match, change func(*reply)) {
	s.wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !which(r) {
				inner.ServeHTTP(w, r)
				return
			}
			recorded := record(inner, r)
			change(recorded)
			recorded.send(w)
		})
	})
}

// instead answers some requests in the reference's place.
func (s *Server) instead(which match, handler http.HandlerFunc) {
	s.wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if which(r) {
				handler(w, r)
				return
			}
			inner.ServeHTTP(w, r)
		})
	})
}

// record lets a handler answer into memory. The request's body can be read
// once more afterwards.
func record(handler http.Handler, r *http.Request) *reply {
	recorder := &recorder{header: http.Header{}, status: http.StatusOK}
	read := body(r)
	handler.ServeHTTP(recorder, r)
	setBody(r, read)
	return &reply{Request: r, Status: recorder.status, Header: recorder.header, Body: recorder.body.Bytes()}
}

type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header                { return r.header }
func (r *recorder) WriteHeader(status int)             { r.status = status }
func (r *recorder) Write(part []byte) (n int, e error) { return r.body.Write(part) }

func (a *reply) send(w http.ResponseWriter) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	if a.Status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // a client that is gone has its answer
}

// ok says whether it is a success.
func (a *reply) ok() bool { return a.Status >= 200 && a.Status <= 299 }

// members are the members of the JSON object that is the body; nil where it is
// none.
func (a *reply) members() map[string]any { return object(a.Body) }

// member is a member that is a string, or "".
func (a *reply) member(name string) string {
	text, _ := a.members()[name].(string)
	return text
}

// set gives a member of the body a value, where the body is an object.
func (a *reply) set(name string, value any) {
	if members := a.members(); members != nil {
		members[name] = value
		a.write(members)
	}
}

// setWhereOK is set for successes only.
func (a *reply) setWhereOK(name string, value any) {
	if a.ok() {
		a.set(name, value)
	}
}

// becomes changes one status into another.
func (a *reply) becomes(from, to int) {
	if a.Status == from {
		a.Status = to
	}
}

// drop takes members away.
func (a *reply) drop(names ...string) {
	members := a.members()
	for _, name := range names {
		delete(members, name)
	}
	if members != nil {
		a.write(members)
	}
}

// write makes a value the body.
func (a *reply) write(value any) {
	a.Body = encoded(value)
	a.Header.Set("Content-Type", "application/json")
}

// refuse makes it another answer altogether.
func (a *reply) refuse(status int, body any) {
	a.Status = status
	a.write(body)
}

// entries are the objects in the JSON array that is the body; nil where it is
// none.
func (a *reply) entries() []map[string]any {
	var entries []map[string]any
	if json.Unmarshal(a.Body, &entries) != nil {
		return nil
	}
	return entries
}

// list are the texts in the JSON array that is the body; nil where it is none.
func (a *reply) list() []string {
	var texts []string
	if json.Unmarshal(a.Body, &texts) != nil {
		return nil
	}
	return texts
}

// object reads a JSON object; nil is for anything else.
func object(body []byte) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var members map[string]any
	if decoder.Decode(&members) != nil {
		return nil
	}
	return members
}

// encoded is a value in JSON. The values of the zoo all have such a form.
func encoded(value any) []byte {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return body
}

// answer always answers the same.
func answer(status int, value any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, status, value) }
}

// writeJSON answers with a status and a value.
func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(encoded(value))
}

// sendRaw answers with bytes that net/http would not write, and ends the
// connection.
func sendRaw(w http.ResponseWriter, answer string) error {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return err
	}
	_, err = io.WriteString(conn, answer)
	return errors.Join(err, conn.Close())
}
