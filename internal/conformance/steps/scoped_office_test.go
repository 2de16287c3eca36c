package steps_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// scopedOffice is a small server of the scoped dialect, right but for one
// fault. Unlike the reference it answers 201 to an issue, says little about
// tokens that were issued with others, answers 204 to a revocation, shows
// scopes with the prefix, and knows a list of methods as a tree.
type scopedOffice struct {
	clock *movableClock
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

func newScopedOffice(clock *movableClock, fault string) *scopedOffice {
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

// allowed says who asks, or the status that he gets.
func (o *scopedOffice) allowed(r *http.Request, route string) (*scopedGrant, int) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if o.is("reads tokens from the query") && token == "" {
		token = r.URL.Query().Get("access_token")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	at := slices.IndexFunc(o.grants, func(g *scopedGrant) bool { return g.value == token || o.fooled(token, g.value) })
	switch {
	case at < 0 && o.is("is open") && route == "/objects":
		return nil, 0
	case at < 0:
		return nil, when(o, "answers strangers with 403", http.StatusForbidden, http.StatusUnauthorized)
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

// fooled says whether the office takes a forged token for a real one.
func (o *scopedOffice) fooled(token, genuine string) bool {
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
		return strings.HasPrefix(route, above+"/") || route == above && !o.is("opens only below a star")
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
		}})
	case slices.Contains([]string{"/objects", "/objects/42", "/objects/42/packets", "/geofences"}, route):
		o.reply(w, http.StatusOK, []any{})
	default:
		o.refuse(w, http.StatusNotFound)
	}
}

func (o *scopedOffice) read(w http.ResponseWriter, body []byte) (scopedWish, bool) {
	var wish scopedWish
	if err := json.Unmarshal(body, &wish); err != nil {
		o.refuse(w, when(o, "breaks at malformed bodies", http.StatusInternalServerError, http.StatusBadRequest))
		return wish, false
	}
	return wish, true
}

func (o *scopedOffice) logIn(w http.ResponseWriter, body []byte) {
	wish, ok := o.read(w, body)
	if !ok {
		return
	}
	if wish.Username == nil || wish.Password == nil {
		o.refuse(w, http.StatusUnprocessableEntity)
		return
	}
	login, now := *wish.Username, o.clock.Now()
	o.mu.Lock()
	o.wrong[login] = slices.DeleteFunc(o.wrong[login], func(at time.Time) bool { return now.Sub(at) >= 30*time.Second })
	tooMany := len(o.wrong[login]) >= 8
	o.mu.Unlock()
	switch {
	case tooMany && !o.is("throttles nobody"):
		o.refuse(w, http.StatusTooManyRequests)
	case login == scopedLogin && *wish.Password == scopedPassword, login == "limited" && *wish.Password == "limited",
		(o.is("takes any password") || o.is("takes an empty password") && *wish.Password == "") && login == scopedLogin:
		o.grant(w, &scopedGrant{login: login}, wish, true)
	default:
		o.mu.Lock()
		o.wrong[login] = append(o.wrong[login], now)
		o.mu.Unlock()
		o.refuseLogin(w, *wish.Password)
	}
}

func (o *scopedOffice) refuseLogin(w http.ResponseWriter, password string) {
	switch o.fault {
	case "answers wrong passwords with 400":
		o.refuse(w, http.StatusBadRequest)
	case "puts a token into refusals":
		o.reply(w, http.StatusUnauthorized, map[string]any{"token": "c0ffee"})
	case "repeats the password":
		o.reply(w, http.StatusUnauthorized, map[string]any{"message": password + " is wrong"})
	default:
		o.refuse(w, http.StatusUnauthorized)
	}
}

func (o *scopedOffice) issue(w http.ResponseWriter, issuer *scopedGrant, body []byte) {
	wish, ok := o.read(w, body)
	switch {
	case !ok:
		return
	case wish.Name == nil && o.is("wants a name"):
		o.refuse(w, http.StatusBadRequest)
		return
	case o.is("issues for a day only"):
		wish.ExpiresIn = nil
	case o.is("issues without names"):
		wish.Name = nil
	case o.is("issues without scopes"):
		wish.Scopes = nil
	}
	wider := wish.Scopes == nil
	if wish.Scopes != nil {
		wider = slices.ContainsFunc(*wish.Scopes, func(scope string) bool { return !slices.Contains(issuer.scopes, scope) })
	}
	if issuer.scopes != nil && wider && !o.is("issues more than it has") {
		wish.Scopes = &issuer.scopes // narrowed
	}
	o.grant(w, &scopedGrant{login: issuer.login}, wish, false)
}

// life reads expiresIn; 0 is none.
func (o *scopedOffice) life(wish scopedWish) time.Duration {
	const day = 24 * time.Hour
	if wish.ExpiresIn == nil {
		return when(o, "lets tokens live two days", 2*day, day)
	}
	lives := map[string]time.Duration{
		"30 minutes": when(o, "takes minutes for seconds", 30*time.Second, 30*time.Minute), "12 hours": 12 * time.Hour,
		"7 days": 7 * day, "8 days": 8 * day, "90 days": 90 * day, "5 years": when(o, "has years of 360 days", 5*360*day, (5*365+1)*day),
	}
	life, known := lives[*wish.ExpiresIn]
	if !known && o.is("takes any life") {
		return day
	}
	return life
}

func (o *scopedOffice) grant(w http.ResponseWriter, g *scopedGrant, wish scopedWish, byCredentials bool) {
	life := o.life(wish)
	scopes := wish.Scopes
	if life == 0 || scopes != nil && slices.ContainsFunc(*scopes, func(s string) bool { return !strings.Contains(s, " /") }) && !o.is("takes any scope") {
		o.refuse(w, http.StatusBadRequest)
		return
	}
	now := o.clock.Now()
	g.id, g.end, g.shown = hex.EncodeToString(randomBytes(12)), now.Add(life), now.Add(life)
	if scopes != nil {
		g.scopes = *scopes
	}
	if wish.Name != nil {
		g.name = *wish.Name
	}
	if o.is("ends tokens two seconds late") {
		g.end = g.end.Add(2 * time.Second)
	}
	if o.is("ends tokens early") {
		g.end = g.end.Add(-time.Minute)
	}
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256"}`))
	payload := base64.RawURLEncoding.EncodeToString([]byte(`{"id":"` + g.id + `"}`))
	g.value = head + "." + payload + "." + base64.RawURLEncoding.EncodeToString(randomBytes(32))
	o.mu.Lock()
	o.grants = append(o.grants, g)
	o.mu.Unlock()
	if !byCredentials {
		o.reply(w, http.StatusCreated, map[string]any{"token": g.value, "expiresAt": g.shown.UnixMilli()})
		return
	}
	unit := when(o, "counts in seconds", int64(1000), 1)
	reply := map[string]any{
		"_id": g.id, "issuedAt": now.UnixMilli() / unit, "expiresAt": g.shown.UnixMilli() / unit, "token": g.value,
		"user": map[string]any{"name": g.login, "roles": []any{}},
	}
	if o.is("names no user") {
		delete(reply, "user")
	}
	o.reply(w, when(o, "answers logins with 302", http.StatusFound, http.StatusOK), reply)
}

func (o *scopedOffice) list(w http.ResponseWriter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := []any{}
	for _, g := range o.grants {
		if g.revoked && !o.is("lists revoked tokens") {
			continue
		}
		entry := map[string]any{"_id": g.id, "name": g.name, "expiresAt": g.shown.UnixMilli(), "scopes": nil, "used": o.clock.Now().UnixNano()}
		var shown []string
		for _, scope := range g.scopes {
			verb, pattern, _ := strings.Cut(scope, " ")
			shown = append(shown, verb+" "+scopedPrefix+strings.TrimPrefix(pattern, scopedPrefix))
		}
		entry["scopes"] = shown
		switch o.fault {
		case "lists no ends":
			delete(entry, "expiresAt")
		case "lists no scopes":
			delete(entry, "scopes")
		case "lists token values":
			entry["value"] = g.value
		case "lists signatures":
			entry["signature"] = strings.Split(g.value, ".")[2]
		}
		list = append(list, entry)
	}
	o.reply(w, http.StatusOK, list)
}

func (o *scopedOffice) atToken(w http.ResponseWriter, method, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at := slices.IndexFunc(o.grants, func(g *scopedGrant) bool { return g.id == id && !g.revoked })
	if at < 0 {
		o.refuse(w, when(o, "revokes what it does not know", http.StatusNoContent, http.StatusNotFound))
		return
	}
	g := o.grants[at]
	switch {
	case method == http.MethodPut && o.is("says that it changes"):
		o.reply(w, http.StatusOK, map[string]any{})
	case method == http.MethodPatch && o.is("changes names"):
		g.name = "changed"
		o.refuse(w, http.StatusMethodNotAllowed)
	case method == http.MethodPatch && o.is("changes scopes"):
		g.scopes = nil
		o.refuse(w, http.StatusMethodNotAllowed)
	case method != http.MethodDelete:
		o.refuse(w, http.StatusMethodNotAllowed)
	case o.is("refuses to revoke"):
		o.refuse(w, http.StatusConflict)
	case o.is("answers a revocation with the token"):
		g.revoked = true
		o.reply(w, http.StatusOK, map[string]any{"was": g.value})
	case o.is("revokes all tokens"):
		for _, other := range o.grants {
			other.revoked = true
		}
		o.reply(w, http.StatusNoContent, nil)
	default:
		g.revoked = true
		o.reply(w, http.StatusNoContent, nil)
	}
}
