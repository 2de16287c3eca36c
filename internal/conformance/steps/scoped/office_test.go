package scoped_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/steps/stepstest"
)

// scopedOffice is a small server of the scoped dialect, right but for one
// fault. Unlike the reference it answers 201 to an issue, says little about
// tokens that were issued with others, answers 204 to a revocation, shows
// scopes with the prefix, and knows a list of methods as a tree.
type scopedOffice struct {
	clock *stepstest.Clock
	fault string

	mu     sync.Mutex
	grants []*scopedGrant
	wrong  map[string][]time.Time
}

type scopedGrant struct {
	id, name, login, value string
	scopes                 []string // nil: all
	end, shown             time.Time
	revoked                bool
}

const (
	scopedLogin    = "vera@park.example"
	scopedPassword = `quote " and \ slash`
	scopedPrefix   = "/api/v1"
)

func newScopedOffice(clock *stepstest.Clock, fault string) *scopedOffice {
	return &scopedOffice{clock: clock, fault: fault, wrong: map[string][]time.Time{}}
}

func (o *scopedOffice) is(fault string) bool { return o.fault == fault }

// when is value, or other where the office has the fault.
func when[T any](o *scopedOffice, fault string, other, value T) T {
	if o.is(fault) {
		return other
	}
	return value
}

func (o *scopedOffice) reply(w http.ResponseWriter, status int, value any) {
	if !o.is("lets replies be stored") {
		w.Header().Set("Cache-Control", "no-store, private")
	}
	w.Header().Set("Content-Type", "application/vnd.park+json; charset=utf-8")
	w.WriteHeader(status)
	if status != http.StatusNoContent {
		_ = json.NewEncoder(w).Encode(value)
	}
}

func (o *scopedOffice) refuse(w http.ResponseWriter, status int) {
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "30")
	}
	o.reply(w, status, map[string]any{"success": false, "token": nil, "at": o.clock.Now().UnixNano()})
}

// scopedWish is the body of both ways to ask for a token.
type scopedWish struct {
	Username, Password, Name, ExpiresIn *string
	Scopes                              *[]string
}

func (o *scopedOffice) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, values := range r.Header {
		if len(values[0]) > 32<<10 && !o.is("takes any header") {
			o.refuse(w, http.StatusRequestHeaderFieldsTooLarge)
			return
		}
	}
	limit := when(o, "takes any body", int64(1<<30), 64<<10)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		o.refuse(w, http.StatusRequestEntityTooLarge)
		return
	}
	route := strings.TrimPrefix(r.URL.EscapedPath(), scopedPrefix)
	if route == "/auth/token" {
		if r.Method != http.MethodPost && !o.is("logs in by PUT") {
			o.refuse(w, http.StatusMethodNotAllowed)
			return
		}
		o.logIn(w, body)
		return
	}
	g, status := o.allowed(r, route)
	if status != 0 {
		o.refuse(w, status)
		return
	}
	o.serve(w, r, g, route, body)
}

// allowed is the token of a request, or the status of its refusal.
func (o *scopedOffice) allowed(r *http.Request, route string) (*scopedGrant, int) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if o.is("reads tokens from the query") && token == "" {
		token = r.URL.Query().Get("access_token")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	at := slices.IndexFunc(o.grants, func(g *scopedGrant) bool { return g.value == token || o.acceptsForged(token, g.value) })
	switch {
	case at < 0 && o.is("needs no token") && route == "/objects":
		return nil, 0
	case at < 0:
		return nil, when(o, "answers missing tokens with 403", http.StatusForbidden, http.StatusUnauthorized)
	}
	g := o.grants[at]
	switch {
	case g.revoked && !o.is("only hides revoked tokens"):
		return nil, when(o, "answers revoked tokens with 403", http.StatusForbidden, http.StatusUnauthorized)
	case !o.clock.Now().Before(g.end) && !o.is("lets expired tokens in"):
		return nil, when(o, "answers expired tokens with 403", http.StatusForbidden, http.StatusUnauthorized)
	case g.login != scopedLogin && route != "/tokens":
		return nil, when(o, "answers lack of rights with 401", http.StatusUnauthorized, http.StatusForbidden)
	case g.scopes != nil && !o.covers(g.scopes, r.Method, route):
		return nil, http.StatusForbidden
	case g.scopes == nil && o.is("lets whole tokens read only") && r.Method == http.MethodPost && route == "/objects":
		return nil, http.StatusForbidden
	}
	return g, 0
}

// acceptsForged says whether the office takes a forged token for a real one.
func (o *scopedOffice) acceptsForged(token, genuine string) bool {
	forged, right := strings.Split(token, "."), strings.Split(genuine, ".")
	if len(forged) != 3 {
		return false
	}
	header, _ := base64.RawURLEncoding.DecodeString(forged[0])
	switch o.fault {
	case "believes alg none":
		return strings.Contains(string(header), `"none"`) && forged[1] == right[1]
	case "checks the signature of nothing":
		return forged[1] == right[1]
	case "signs with an empty key":
		mac := hmac.New(sha256.New, nil)
		mac.Write([]byte(forged[0] + "." + forged[1]))
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) == forged[2] && forged[1] == right[1]
	}
	return false
}

// covers is the grammar of scopes.
func (o *scopedOffice) covers(scopes []string, method, route string) bool {
	return slices.ContainsFunc(scopes, func(scope string) bool {
		verb, pattern, _ := strings.Cut(scope, " ")
		if !o.is("knows no prefix in scopes") {
			pattern = strings.TrimPrefix(pattern, scopedPrefix)
		}
		switch {
		case o.is("lets everybody issue") && route == "/tokens" && method == http.MethodPost:
			return true
		case verb != method && !o.is("ignores methods in scopes"):
			return false
		case o.is("compares the front of paths") && strings.HasPrefix(route, pattern):
			return true
		}
		return o.matches(pattern, route)
	})
}

func (o *scopedOffice) matches(pattern, route string) bool {
	if above, ok := strings.CutSuffix(pattern, "/*"); ok {
		return strings.HasPrefix(route, above+"/") || route == above && !o.is("grants access only below a star")
	}
	want, got := strings.Split(pattern, "/"), strings.Split(route, "/")
	if o.is("lets a parameter swallow the rest") && strings.Contains(pattern, ":") && len(got) > len(want) {
		got = got[:len(want)]
	}
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		isParameter := strings.HasPrefix(want[i], ":") && (want[i] == ":id" || !o.is("knows one parameter"))
		if want[i] != got[i] && !isParameter {
			return false
		}
	}
	return true
}

func (o *scopedOffice) serve(w http.ResponseWriter, r *http.Request, g *scopedGrant, route string, body []byte) {
	switch o.fault { // what a lenient router makes of a path, after the scopes were compared
	case "decodes paths late":
		route, _ = url.PathUnescape(route)
	case "cleans paths late":
		route, _ = url.PathUnescape(route)
		route = path.Clean(route)
	}
	id, below := strings.CutPrefix(route, "/tokens/")
	switch {
	case below:
		o.atToken(w, r.Method, id)
	case route == "/tokens" && r.Method == http.MethodPost:
		o.issue(w, g, body)
	case route == "/tokens" && r.Method == http.MethodGet:
		o.list(w)
	case route == "/methods":
		o.reply(w, http.StatusOK, map[string]any{"paths": map[string]any{
			"/objects":                  map[string]any{"get": map[string]any{}, "post": map[string]any{}},
			"/geofences":                map[string]any{"get": map[string]any{}},
			"/objects/{object}":         when(o, "forgets a method", map[string]any{}, map[string]any{"get": map[string]any{}}),
			"/objects/{object}/packets": map[string]any{"get": map[string]any{}},
			"/tokens":                   map[string]any{"get": map[string]any{}, "post": map[string]any{}},
			"/tokens/{token}":           map[string]any{"delete": map[string]any{}},
		}})
	case slices.Contains([]string{"/objects", "/objects/42", "/objects/42/packets", "/geofences"}, route):
		o.reply(w, http.StatusOK, []any{})
	default:
		o.refuse(w, http.StatusNotFound)
	}
}
