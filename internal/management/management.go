// Package management lets programs in any language steer a mock server over HTTP: its
// clock, faults, holds, own routes and tokens, and read what clients did. It leaves
// all of that to package mockserver; openapi.json describes it. Whoever reaches it
// may log in as everybody, so it belongs on loopback.
package management

import (
	"cmp"
	_ "embed" // the description
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/humanize"
	"github.com/dragoman-auth/dragoman/mockserver"
)

//go:embed openapi.json
var description []byte

// maxBody bounds the body of a request, in bytes.
const maxBody = 1 << 20

// server steers a mock.
type server struct {
	mock *mockserver.Server

	mu    sync.Mutex
	holds []*mockserver.Hold // by their number, from 1; nil: released
}

// problem is an error that has a status.
type problem struct {
	status int
	reason string
}

func (p problem) Error() string { return p.reason }

func badRequest(format string, args ...any) error {
	return problem{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

var errUnknown = problem{http.StatusNotFound, "no such id"}

// Handler returns the routes. It is safe for concurrent use.
func Handler(mock *mockserver.Server) http.Handler {
	s := &server{mock: mock}
	mux := http.NewServeMux()
	for pattern, answer := range map[string]func(*http.Request) (any, error){
		"GET /health":         s.health,
		"POST /reset":         s.reset,
		"GET /accounts":       s.accounts,
		"GET /clock":          s.clock,
		"POST /clock":         s.moveClock,
		"POST /tokens":        s.issue,
		"POST /tokens/expire": s.endToken(mock.Expire),
		"POST /tokens/revoke": s.endToken(mock.Revoke),
		"GET /faults":         s.faults,
		"POST /faults":        s.inject,
		"GET /faults/{id}":    s.fault,
		"DELETE /faults/{id}": s.removeFault,
		"DELETE /faults":      s.removeFaults,
		"POST /holds":         s.hold,
		"GET /holds/{id}":     s.showHold,
		"DELETE /holds/{id}":  s.releaseHold,
		"POST /stubs":         s.stub,
		"GET /journal":        s.journal,
		"GET /misuses":        s.misuses,
	} {
		mux.HandleFunc(pattern, respond(answer))
	}
	mux.HandleFunc("GET /journal.har", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = mock.WriteHAR(w) // the client has gone
	})
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(description)
	})
	live := page()
	for _, pattern := range []string{"GET /{$}", "GET /page.css", "GET /page.js"} {
		mux.Handle(pattern, live)
	}
	return sameSite(mux)
}

// sameSite keeps pages of other sites out: a browser says where a request comes from.
func sameSite(next http.Handler) http.Handler {
	return http.NewCrossOriginProtection().Handler(next)
}

// respond answers with JSON, or with 204 where there is nothing to say.
func respond(answer func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		value, err := answer(r)
		status := http.StatusOK
		var known problem
		switch {
		case errors.As(err, &known):
			value, status = map[string]string{"error": known.reason}, known.status
		case err != nil:
			value, status = map[string]string{"error": err.Error()}, http.StatusBadRequest
		case value == nil:
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(value) // the client has gone
	}
}

// read reads a body. An unknown member is an error: it may be a known one, misspelt.
func read(r *http.Request, into any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return badRequest("read the body: %v%s", err, knownMembers(err, into))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return badRequest("read the body: something follows the JSON value")
	}
	return nil
}

// knownMembers says which member an unknown one most likely stands for, or else which
// there are, as the end of a message; it is "" for another error. encoding/json has no
// type for that error.
func knownMembers(err error, into any) string {
	_, unknown, found := strings.Cut(err.Error(), "unknown field ")
	if !found {
		return ""
	}
	var known []string
	for _, field := range reflect.VisibleFields(reflect.TypeOf(into).Elem()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		known = append(known, name)
	}
	return cmp.Or(humanize.DidYouMean(strings.Trim(unknown, `"`), known), "; the members are "+strings.Join(known, ", "))
}

func (s *server) health(*http.Request) (any, error) {
	return map[string]string{"status": "ok", "url": s.mock.URL, "grpc": s.mock.GRPCAddr}, nil
}

func (s *server) reset(*http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, hold := range s.holds {
		if hold != nil {
			hold.Release()
			s.holds[i] = nil
		}
	}
	s.mock.Reset()
	return nil, nil //nolint:nilnil // 204
}

// shownAccount is an account of the mock, whose password is public.
type shownAccount struct {
	Login    string `json:"login"`
	Email    string `json:"email"`
	Password string `json:"password"`
}

func (s *server) accounts(*http.Request) (any, error) {
	list := []shownAccount{}
	for _, a := range s.mock.Accounts() {
		list = append(list, shownAccount{a.Login, a.Email, a.Password})
	}
	return list, nil
}

func (s *server) clock(*http.Request) (any, error) {
	return map[string]time.Time{"now": s.mock.Now()}, nil
}

// moveClock sets the clock first, then moves it, then stops it or lets it run.
func (s *server) moveClock(r *http.Request) (any, error) {
	var body struct {
		Set     *time.Time           `json:"set"`
		Advance *mockserver.Duration `json:"advance"`
		Stopped *bool                `json:"stopped"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	clock, to := s.mock.Clock(), s.mock.Now()
	if body.Set != nil {
		to = *body.Set
	}
	if body.Advance != nil {
		to = to.Add(time.Duration(*body.Advance))
	}
	if year := to.UTC().Year(); year < 1 || year > 9999 {
		return nil, badRequest("the clock would show the year %d: RFC 3339 knows 1 to 9999", year)
	}
	if body.Set != nil {
		clock.Set(*body.Set)
	}
	if body.Advance != nil {
		clock.Advance(time.Duration(*body.Advance))
	}
	if body.Stopped != nil {
		if *body.Stopped {
			clock.Stop()
		} else {
			clock.Run()
		}
	}
	return s.clock(r)
}

func (s *server) issue(r *http.Request) (any, error) {
	var body struct {
		Dialect string `json:"dialect"`
		Login   string `json:"login"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	tokens, err := s.mock.Issue(body.Dialect, body.Login)
	if err != nil {
		return nil, err
	}
	answer := map[string]string{"access": tokens.Access}
	if tokens.Refresh != "" {
		answer["refresh"] = tokens.Refresh
	}
	return answer, nil
}

func (s *server) endToken(end func(string) error) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		var body struct {
			Token string `json:"token"`
		}
		if err := read(r, &body); err != nil {
			return nil, err
		}
		return nil, end(body.Token)
	}
}

// journal lists requests: all, or those of an operation or a session.
func (s *server) journal(r *http.Request) (any, error) {
	query := r.URL.Query()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if name != "operation" && name != "session" {
			return nil, badRequest("no parameter %q: the journal takes operation and session", name)
		}
	}
	operation, session := mockserver.Operation(query.Get("operation")), query.Get("session")
	if operation != "" && !slices.Contains(mockserver.Operations(), operation) {
		return nil, badRequest("no operation %q: the operations are %v", operation, mockserver.Operations())
	}
	list := slices.DeleteFunc(s.mock.Requests(), func(e mockserver.Request) bool {
		return operation != "" && e.Operation != operation || session != "" && e.Session != session
	})
	return append([]mockserver.Request{}, list...), nil
}

func (s *server) misuses(*http.Request) (any, error) {
	return append([]mockserver.Misuse{}, s.mock.Misuses()...), nil
}

// number reads the id in the path.
func number(r *http.Request) (int, error) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return 0, errUnknown
	}
	return id, nil
}
