package session_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/steps/stepstest"
)

// sessionOffice is a small server of the session dialect, right but for one
// fault.
type sessionOffice struct {
	clock *stepstest.Clock
	fault string

	mu       sync.Mutex
	minted   int
	sessions map[string]*officeSession
	access   map[string]*officeAccess
	refresh  map[string]*officeRefresh
	wrong    map[string][]time.Time // wrong passwords by e-mail
	leaked   []string               // tokens in refusals
	meeting  chan struct{}          // closed when a second login comes while one is under way
}

type officeSession struct {
	id, email, ip, agent string
	ended                bool
}

type officeAccess struct {
	session *officeSession
	end     time.Time
	born    *officeRefresh // whose refresh obtained it
}

type officeRefresh struct {
	session   *officeSession
	successor map[string]any // the reply that it obtained
	inUse     bool           // a token of the successor pair was used
	born      *officeRefresh
}

func newSessionOffice(clock *stepstest.Clock, fault string) *sessionOffice {
	return &sessionOffice{
		clock: clock, fault: fault, sessions: map[string]*officeSession{}, access: map[string]*officeAccess{},
		refresh: map[string]*officeRefresh{}, wrong: map[string][]time.Time{},
	}
}

var officePasswords = map[string]string{"anna@example.com": "correct horse & battery", "bruno@example.com": "staple"}

const officeKey = "key-7f3c1d9a5b2e8064"

func (o *sessionOffice) is(fault string) bool { return o.fault == fault }

func (o *sessionOffice) reply(w http.ResponseWriter, status int, value any) {
	if !o.is("lets replies be stored") {
		w.Header().Set("Cache-Control", "no-store")
	}
	if status == http.StatusUnauthorized && !o.is("sends no challenge") {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func (o *sessionOffice) refuse(w http.ResponseWriter, status int) {
	switch o.fault {
	case "right: refusals without a body":
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		w.WriteHeader(status)
		return
	case "right: refusals as pages":
		w.Header().Set("WWW-Authenticate", "Bearer")
		w.Header().Set("Set-Cookie", "XSRF-TOKEN="+requestID())
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "<html><p>refused, request %s</p><input name=csrf_token value=%s></html>", requestID(), requestID())
		return
	}
	o.reply(w, status, map[string]any{"error": http.StatusText(status), "request_id": requestID(), "access_token": nil})
}

// leak mints a token that a refusal gives away.
func (o *sessionOffice) leak() string {
	token := o.mint()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.leaked = append(o.leaked, token)
	return token
}

func requestID() string { return hex.EncodeToString(stepstest.RandomBytes(8)) }

// mint makes an id or a token.
func (o *sessionOffice) mint() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.minted++
	bytes := stepstest.RandomBytes(24)
	random := hex.EncodeToString(bytes)
	switch o.fault {
	case "right: JWTs":
		payload := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"anna","jti":"` + random + `"}`))
		return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256"}`)) + "." + payload + "." + base64.RawURLEncoding.EncodeToString(bytes)
	case "right: tokens in the manner of Rails":
		return base64.StdEncoding.EncodeToString([]byte(`{"_rails":{"data":"41fa95e9-`+random+`","pur":"token"}}`)) + "--" + random
	case "right: labelled tokens":
		return "office_v1." + random
	case "counts its tokens":
		return fmt.Sprintf("token-of-the-office-%020d", o.minted)
	case "makes short tokens":
		return hex.EncodeToString(bytes[:8])
	case "begins all tokens with the same text":
		return "0123456789abcdef0123456789abcdef" + hex.EncodeToString(bytes)
	}
	return random
}

func (o *sessionOffice) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, values := range r.Header {
		if len(values[0]) > 32<<10 && !o.is("takes any header") {
			o.refuse(w, http.StatusRequestHeaderFieldsTooLarge)
			return
		}
	}
	limit := int64(1 << 20)
	if o.is("takes any body") {
		limit = 1 << 30
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		o.refuse(w, http.StatusRequestEntityTooLarge)
		return
	}
	path := r.URL.Path
	if (path == "/sitzungen" || path == "/benutzer") && o.is("lacks a language") {
		o.refuse(w, http.StatusNotFound)
		return
	}
	switch path {
	case "/sessions", "/sitzungen":
		o.onSessions(w, r, body)
	case "/tokens":
		o.onTokens(w, r, body)
	case "/users", "/benutzer":
		o.onUsers(w, r)
	case "/items":
		o.onItems(w, r)
	default:
		id, found := strings.CutPrefix(path, "/sessions/")
		if !found {
			o.refuse(w, http.StatusNotFound)
			return
		}
		o.onSession(w, r, id, body)
	}
}

func (o *sessionOffice) onSessions(w http.ResponseWriter, r *http.Request, body []byte) {
	switch {
	case r.Method == http.MethodPost:
		o.logIn(w, r, body)
	case r.Method == http.MethodGet:
		o.list(w, r)
	case r.Method == http.MethodDelete && (o.is("right: ends sessions at the login path") || o.is("takes DELETE at the login")):
		if session := o.bearer(r); session != nil {
			o.mu.Lock()
			session.ended = true
			o.mu.Unlock()
		}
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPut && o.is("takes PUT at the login"):
		o.logIn(w, r, body)
	case r.Method == http.MethodPatch && o.is("breaks at PATCH of the login"):
		o.refuse(w, http.StatusInternalServerError)
	default:
		o.refuse(w, http.StatusMethodNotAllowed)
	}
}

func (o *sessionOffice) pair(s *officeSession, born *officeRefresh) map[string]any {
	access, refresh := o.mint(), o.mint()
	life := 10 * time.Minute
	switch o.fault {
	case "lets tokens live an hour":
		life = time.Hour
	case "lets tokens live nine minutes":
		life = 9 * time.Minute
	case "ends two seconds late":
		life += 2 * time.Second
	case "ends three seconds early":
		life -= 3 * time.Second
	case "right: ends a second late":
		life += time.Second
	case "right: ends a second early":
		life -= time.Second
	case "lets refreshed tokens live an hour":
		if born != nil {
			life = time.Hour
		}
	}
	reply := map[string]any{"token_type": "Bearer", "expires_in": 600, "access_token": access, "refresh_token": refresh}
	switch o.fault {
	case "says another token type":
		reply["token_type"] = "mac"
	case "writes expires_in as a text":
		reply["expires_in"] = "600"
	case "sends the password back":
		reply["user"] = map[string]any{"email": s.email, "Password": officePasswords[s.email]}
	case "promises an hour":
		reply["expires_in"] = 3600
	case "gives no refresh token at the login":
		if born == nil {
			reply["refresh_token"] = ""
		}
	case "gives no refresh token at the refresh":
		if born != nil {
			delete(reply, "refresh_token")
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if born == nil || !o.is("forgets refreshed access tokens") {
		o.access[access] = &officeAccess{session: s, end: o.clock.Now().Add(life), born: born}
	}
	o.refresh[refresh] = &officeRefresh{session: s, born: born}
	return reply
}

func (o *sessionOffice) inflected(reply map[string]any, inflection string) map[string]any {
	if o.is("knows no inflection") || o.is("knows camel case only") && inflection != "camel" {
		return reply
	}
	out := map[string]any{}
	for name, value := range reply {
		words := strings.Split(name, "_")
		if len(words) < 2 {
			out[name] = value
			continue
		}
		switch inflection {
		case "camel":
			name = words[0] + title(words[1])
		case "pascal":
			name = title(words[0]) + title(words[1])
		case "dash":
			name = words[0] + "-" + words[1]
		}
		out[name] = value
	}
	return out
}

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
