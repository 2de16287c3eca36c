// Package fakeoffice is a back office for the tests of package sdk: the token
// endpoints of the four dialects, one protected path each, strict rules and no
// more. It counts what it is asked, and takes its time from package time, so
// that it works inside testing/synctest.
//
// It is written from the dialects' documents and knows nothing of package sdk.
package fakeoffice

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The one account.
const (
	User     = "me@example.com"
	Password = "hunter2-correct-horse"
	APIKey   = "key-for-the-office"
)

// Office is the server. Set its fields before the first request.
type Office struct {
	// Life of session and rpc tokens; default 600 s.
	Life time.Duration
	// Delay of every token endpoint.
	Delay time.Duration
	// OldAccess keeps an access token good until its end, although its session
	// was refreshed, as the documents have it. The default is stricter.
	OldAccess bool
	// Intercept, if set, may answer a request in the office's place.
	Intercept func(w http.ResponseWriter, r *http.Request) (handled bool)

	mu       sync.Mutex
	serial   int
	sessions map[string]*session // by id
	access   map[string]*session // by access token
	refresh  map[string]string   // refresh token -> session id
	counts   map[string]int
}

// session is a family of tokens.
type session struct {
	id      string
	refresh string // the only one that is good
	access  string // the latest
	ends    time.Time
	ended   bool
}

// New returns an office without sessions.
func New() *Office {
	return &Office{
		Life: 600 * time.Second, sessions: map[string]*session{}, access: map[string]*session{},
		refresh: map[string]string{}, counts: map[string]int{},
	}
}

// Count says how often something happened: "login", "renew", "revoke",
// "replay" (a spent refresh token came back), "open" (a resource was opened) or
// "shut" (it stayed shut).
func (o *Office) Count(what string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.counts[what]
}

// RejectAll makes every access token bad; refresh tokens stay good.
func (o *Office) RejectAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.access)
}

// EndAll ends every session.
func (o *Office) EndAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.sessions {
		s.ended = true
	}
}

// ServeHTTP implements http.Handler.
func (o *Office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if o.Intercept != nil && o.Intercept(w, r) {
		return
	}
	w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "body", http.StatusBadRequest)
		return
	}
	if handler := o.tokenEndpoint(r.Method + " " + r.URL.Path); handler != nil {
		<-time.After(o.Delay)
		handler(w, r, body)
		return
	}
	if r.URL.Path == "/grpc" {
		o.rpc(w, r, body)
		return
	}
	o.resource(w, r, body)
}

func (o *Office) tokenEndpoint(route string) func(http.ResponseWriter, *http.Request, []byte) {
	switch route {
	case "POST /sessions":
		return o.sessionLogin
	case "POST /tokens":
		return o.sessionRefresh
	case "POST /login":
		return o.formLogin
	case "PUT /login":
		return o.formExtend
	case "GET /login", "DELETE /login":
		return o.formToken
	case "POST /api/v1/auth/token":
		return o.scopedLogin
	case "GET /api/v1/tokens":
		return o.scopedList
	}
	if strings.HasPrefix(route, "DELETE /api/v1/tokens/") {
		return o.scopedRevoke
	}
	return nil
}

// issue makes a session, or the next pair of tokens of one. The caller holds
// mu.
func (o *Office) issue(s *session, life time.Duration) *session {
	o.serial++
	if s == nil {
		s = &session{id: fmt.Sprintf("%024x", o.serial)}
		o.sessions[s.id] = s
	}
	s.access = fmt.Sprintf("secret-access-%d", o.serial)
	s.refresh = fmt.Sprintf("secret-refresh-%d", o.serial)
	s.ends = time.Now().Add(life)
	o.access[s.access] = s
	o.refresh[s.refresh] = s.id
	return s
}

// live finds the session of an access token. The caller holds mu.
func (o *Office) live(access string) *session {
	s := o.access[access]
	if s == nil || s.ended || !time.Now().Before(s.ends) {
		return nil
	}
	return s
}

func (o *Office) sessionLogin(w http.ResponseWriter, _ *http.Request, body []byte) {
	var in struct {
		Session struct{ Email, Password string }
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts["login"]++
	if json.Unmarshal(body, &in) != nil || in.Session.Email != User || in.Session.Password != Password {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	o.answerPair(w, o.issue(nil, o.Life))
}

// sessionRefresh rotates strictly: a spent refresh token ends its session.
func (o *Office) sessionRefresh(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct {
		Refresh string `json:"refresh_token"`
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts["renew"]++
	var s *session
	if json.Unmarshal(body, &in) == nil && r.Header.Get("Authorization") != "" {
		s = o.sessions[o.refresh[in.Refresh]]
	}
	switch {
	case s == nil || s.ended:
		http.Error(w, "no", http.StatusUnauthorized)
	case s.refresh != in.Refresh:
		s.ended = true
		o.counts["replay"]++
		http.Error(w, "replay", http.StatusUnauthorized)
	default:
		if !o.OldAccess {
			delete(o.access, s.access)
		}
		o.answerPair(w, o.issue(s, o.Life))
	}
}

func (o *Office) answerPair(w http.ResponseWriter, s *session) {
	answer(w, map[string]any{
		"token_type": "Bearer", "expires_in": int(o.Life / time.Second), "access_token": s.access, "refresh_token": s.refresh,
	})
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(value)
}

// resource opens to any good token or key in any of the dialects' headers, and
// echoes the body.
func (o *Office) resource(w http.ResponseWriter, r *http.Request, body []byte) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if form := r.Header.Get("X-Auth-Bearer"); form != "" {
		token = form
	}
	o.mu.Lock()
	open := o.live(token) != nil || r.Header.Get("X-Api-Key") == APIKey
	if open {
		o.counts["open"]++
	} else {
		o.counts["shut"]++
	}
	o.mu.Unlock()
	if !open {
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	_, _ = w.Write(body)
}
