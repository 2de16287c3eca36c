package main

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

const maxBody = 16 << 10

// office is the back office: the routes of the dialect, over accounts and tokens.
type office struct {
	accounts *accounts
	tokens   *tokens
	ahead    atomic.Int64 // nanoseconds by which a test has moved the time
}

// newOffice makes one with these accounts, logins to passwords.
func newOffice(passwords map[string]string, forTests bool) http.Handler {
	o := &office{accounts: newAccounts(passwords, forTests), tokens: newTokens()}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", o.logIn)
	mux.HandleFunc("GET /login", o.lookUp)
	mux.HandleFunc("PUT /login", o.extend)
	mux.HandleFunc("DELETE /login", o.end)
	mux.HandleFunc("GET /items", o.items)
	if forTests {
		mux.HandleFunc("POST /clock", o.moveClock)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store") // FRM-21
		w.Header().Set("Date", o.now().UTC().Format(http.TimeFormat))
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		mux.ServeHTTP(w, r)
	})
}

// now is the time by which tokens end. Every look at the time goes through it, so that a
// test can move all of it.
func (o *office) now() time.Time { return time.Now().Add(time.Duration(o.ahead.Load())) }

func (o *office) moveClock(w http.ResponseWriter, r *http.Request) {
	var move struct{ Seconds int64 }
	if !read(w, r, &move) {
		return
	}
	o.ahead.Add(move.Seconds * int64(time.Second))
	w.WriteHeader(http.StatusNoContent)
}

func (o *office) logIn(w http.ResponseWriter, r *http.Request) {
	// Of the body alone: credentials in the query are none (FRM-24), nor are those in
	// JSON (FRM-04), nor is a field that stands there twice (FRM-22).
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		refuse(w, http.StatusUnsupportedMediaType, "log in with a form")
		return
	}
	body, err := io.ReadAll(r.Body)
	form, formErr := url.ParseQuery(string(body))
	login, pass, long := form["login"], form["pass"], form["longtoken"]
	switch {
	case err != nil:
		refuse(w, http.StatusRequestEntityTooLarge, "the body is too long")
		return
	case formErr != nil || len(login) != 1 || len(pass) != 1 || len(long) > 1 || login[0] == "" || pass[0] == "":
		refuse(w, http.StatusBadRequest, "login and pass are needed, once each")
		return
	}
	wait, ok := o.accounts.check(login[0], pass[0], o.now())
	switch {
	case wait > 0:
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		refuse(w, http.StatusTooManyRequests, "too many wrong passwords")
	case !ok: // the same for an account that there is not (FRM-19)
		w.Header().Set("WWW-Authenticate", "Form")
		refuse(w, http.StatusUnauthorized, "wrong login or pass")
	default:
		write(w, o.tokens.issue(login[0], len(long) == 1 && long[0] == "true", o.now()))
	}
}

func (o *office) lookUp(w http.ResponseWriter, r *http.Request) {
	o.answer(w)(o.tokens.find(r.URL.Query().Get("token"), o.now()))
}

func (o *office) extend(w http.ResponseWriter, r *http.Request) {
	var wish struct {
		Token string
		Long  bool `json:"longtoken"`
	}
	if !read(w, r, &wish) {
		return
	}
	if wish.Token == "" {
		refuse(w, http.StatusBadRequest, "token is needed")
		return
	}
	o.answer(w)(o.tokens.extend(wish.Token, wish.Long, o.now()))
}

func (o *office) end(w http.ResponseWriter, r *http.Request) {
	if !o.tokens.end(r.URL.Query().Get("token"), o.now()) {
		refuse(w, http.StatusNotFound, "no such token")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (o *office) items(w http.ResponseWriter, r *http.Request) {
	if _, ok := o.tokens.find(r.Header.Get("X-Auth-Bearer"), o.now()); !ok {
		w.Header().Set("WWW-Authenticate", "X-Auth-Bearer")
		refuse(w, http.StatusUnauthorized, "log in first")
		return
	}
	write(w, []map[string]any{{"id": 1, "name": "Kettle", "price": "19.90"}})
}

// answer writes a token, or says that there is none (FRM-09, FRM-10).
func (o *office) answer(w http.ResponseWriter) func(found grant, ok bool) {
	return func(found grant, ok bool) {
		if !ok {
			refuse(w, http.StatusNotFound, "no such token")
			return
		}
		write(w, found)
	}
}

// read reads a body of JSON into v, or refuses it.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, v)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "that is not the JSON that is asked for")
	}
	return err == nil
}

func write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

// refuse says why, and repeats nothing of the request.
func refuse(w http.ResponseWriter, status int, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"message": reason})
}
