// Package fakeoffice is a back office for the tests of package sdk: the token
// endpoints of the four dialects, one protected path each, strict rules and no
// more. It counts what it is asked. Its delays, and by default its time, are
// those of package time, so that it works inside testing/synctest.
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
	// Now tells the time; nil is time.Now. It is asked once for each answer.
	Now func() time.Time
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
// "replay" (a spent refresh token came back), "granted" (access to a resource) or
// "denied" (access was denied).
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

// call is one request. Everything in its answer is of one instant: an answer
// that tells when a token was issued and when it ends tells its exact life.
type call struct {
	request *http.Request
	body    []byte
	now     time.Time
}

// bearer is the token in the Authorization header, or empty.
func (c call) bearer() string {
	token, _ := strings.CutPrefix(c.request.Header.Get("Authorization"), "Bearer ")
	return token
}

// ServeHTTP implements http.Handler.
func (o *Office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if o.Intercept != nil && o.Intercept(w, r) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "body", http.StatusBadRequest)
		return
	}
	c := call{request: r, body: body}
	serve, isTokenEndpoint := o.route(c)
	if isTokenEndpoint {
		<-time.After(o.Delay)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	c.now = o.time()
	w.Header().Set("Date", c.now.UTC().Format(http.TimeFormat))
	serve(w, c)
}

func (o *Office) time() time.Time {
	if o.Now != nil {
		return o.Now()
	}
	return time.Now()
}

// endpoint answers a call. Its caller holds mu.
type endpoint func(w http.ResponseWriter, c call)

// route finds what answers a call, and says whether that is a token endpoint.
func (o *Office) route(c call) (found endpoint, isTokenEndpoint bool) {
	switch route := c.request.Method + " " + c.request.URL.Path; {
	case route == "POST /sessions":
		return o.sessionLogin, true
	case route == "POST /tokens":
		return o.sessionRefresh, true
	case route == "POST /login":
		return o.formLogin, true
	case route == "PUT /login":
		return o.formExtend, true
	case route == "GET /login", route == "DELETE /login":
		return o.formToken, true
	case route == "POST /api/v1/auth/token":
		return o.scopedLogin, true
	case route == "GET /api/v1/tokens":
		return o.scopedList, true
	case strings.HasPrefix(route, "DELETE /api/v1/tokens/"):
		return o.scopedRevoke, true
	case c.request.URL.Path == "/grpc":
		return o.rpcMethod(c.body)
	default:
		return o.resource, false
	}
}

// issue makes a session, or the next pair of tokens of one.
func (o *Office) issue(c call, s *session, life time.Duration) *session {
	o.serial++
	if s == nil {
		s = &session{id: fmt.Sprintf("%024x", o.serial)}
		o.sessions[s.id] = s
	}
	s.access = fmt.Sprintf("secret-access-%d", o.serial)
	s.refresh = fmt.Sprintf("secret-refresh-%d", o.serial)
	s.ends = c.now.Add(life)
	o.access[s.access] = s
	o.refresh[s.refresh] = s.id
	return s
}

// live finds the session of an access token.
func (o *Office) live(c call, access string) *session {
	s := o.access[access]
	if s == nil || s.ended || !c.now.Before(s.ends) {
		return nil
	}
	return s
}

func (o *Office) sessionLogin(w http.ResponseWriter, c call) {
	var in struct {
		Session struct{ Email, Password string }
	}
	o.counts["login"]++
	if json.Unmarshal(c.body, &in) != nil || in.Session.Email != User || in.Session.Password != Password {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	o.answerPair(w, o.issue(c, nil, o.Life))
}

// sessionRefresh rotates strictly: a spent refresh token ends its session.
func (o *Office) sessionRefresh(w http.ResponseWriter, c call) {
	var in struct {
		Refresh string `json:"refresh_token"`
	}
	o.counts["renew"]++
	var s *session
	if json.Unmarshal(c.body, &in) == nil && c.request.Header.Get("Authorization") != "" {
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
		o.answerPair(w, o.issue(c, s, o.Life))
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
func (o *Office) resource(w http.ResponseWriter, c call) {
	token := c.bearer()
	if form := c.request.Header.Get("X-Auth-Bearer"); form != "" {
		token = form
	}
	open := o.live(c, token) != nil || c.request.Header.Get("X-Api-Key") == APIKey
	if open {
		o.counts["granted"]++
	} else {
		o.counts["denied"]++
	}
	if !open {
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	_, _ = w.Write(c.body)
}
