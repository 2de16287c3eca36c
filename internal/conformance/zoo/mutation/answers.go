package mutation

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// OnAnswer changes the answers to some requests. The change sees an answer
// whole, and the request as the inner handler left it.
func (s *Server) OnAnswer(which Match, change func(*Reply)) {
	s.Wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !which(r) {
				inner.ServeHTTP(w, r)
				return
			}
			recorded := Record(inner, r)
			change(recorded)
			recorded.Send(w)
		})
	})
}

// Instead answers some requests in the reference's place.
func (s *Server) Instead(which Match, handler http.HandlerFunc) {
	s.Wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if which(r) {
				handler(w, r)
				return
			}
			inner.ServeHTTP(w, r)
		})
	})
}

// Answer always answers the same.
func Answer(status int, value any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { WriteJSON(w, status, value) }
}

// WriteJSON answers with a status and a value.
func WriteJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(JSON(value)) // a client that is gone has its answer
}

// JSON is a value in JSON. The values of the zoo all have such a form.
func JSON(value any) []byte {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return body
}

// Object reads a JSON object; nil is for anything else. Numbers are
// [json.Number].
func Object(body []byte) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var members map[string]any
	if decoder.Decode(&members) != nil {
		return nil
	}
	return members
}
