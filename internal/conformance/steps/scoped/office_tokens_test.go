package scoped_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/steps/stepstest"
)

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
		"7 days": 7 * day, "8 days": 8 * day, "90 days": 90 * day, "5 years": when(o, "has years of 360 days", 5*360*day, 5*365*day),
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
	g.id, g.end, g.shown = hex.EncodeToString(stepstest.RandomBytes(12)), now.Add(life), now.Add(life)
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
	g.value = head + "." + payload + "." + base64.RawURLEncoding.EncodeToString(stepstest.RandomBytes(32))
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
