package session_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"
)

// bearer finds the session of a request's access token, or nil.
func (o *sessionOffice) bearer(r *http.Request) *officeSession {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if o.is("reads tokens from the query") && r.URL.Query().Has("access_token") {
		token = r.URL.Query().Get("access_token")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if refresh, ok := o.refresh[token]; ok && o.is("accepts refresh tokens at the collection") {
		return refresh.session
	}
	access := o.access[token]
	if access == nil && o.is("compares the front of tokens") && len(token) > 20 {
		for known, found := range o.access {
			if known[:10] == token[:10] {
				access = found
			}
		}
	}
	if access == nil || !o.clock.Now().Before(access.end) {
		return nil
	}
	if o.is("right: sessions bound to devices") && access.session.agent != r.UserAgent() {
		return nil
	}
	if access.session.ended && !o.is("lets access tokens outlive their session") {
		return nil
	}
	if access.born != nil {
		access.born.inUse = true
	}
	if o.is("lets tokens live on while they are used") {
		access.end = o.clock.Now().Add(10 * time.Minute)
	}
	return access.session
}

func (o *sessionOffice) onTokens(w http.ResponseWriter, r *http.Request, body []byte) {
	var wish struct {
		Token *string `json:"refresh_token"`
	}
	if err := json.Unmarshal(body, &wish); err != nil || wish.Token == nil || *wish.Token == "" {
		if o.is("breaks at malformed refreshes") {
			o.refuse(w, http.StatusInternalServerError)
			return
		}
		o.refuse(w, http.StatusUnprocessableEntity)
		return
	}
	bearer := o.bearer(r)
	if o.is("wants a live bearer at the refresh") && bearer == nil {
		o.refuse(w, http.StatusUnauthorized)
		return
	}
	o.mu.Lock()
	refresh := o.refresh[*wish.Token]
	if access := o.access[*wish.Token]; access != nil && o.is("refreshes with access tokens") {
		refresh = &officeRefresh{session: access.session}
	}
	if refresh == nil && o.is("ends the session at a garbled refresh") && bearer != nil {
		bearer.ended = true
	}
	if refresh == nil && o.is("takes garbled refresh tokens") && bearer != nil {
		refresh = &officeRefresh{session: bearer}
	}
	if refresh != nil && o.is("right: one access token per session") && refresh.successor == nil {
		for token, access := range o.access {
			if access.session == refresh.session {
				delete(o.access, token)
			}
		}
	}
	if refresh == nil || refresh.session.ended && !o.is("lets refresh tokens outlive their session") {
		o.mu.Unlock()
		o.refuse(w, http.StatusUnauthorized)
		return
	}
	session, successor, replay := refresh.session, refresh.successor, refresh.inUse
	if refresh.born != nil {
		refresh.born.inUse = true
	}
	if successor != nil && (replay || o.is("ends sessions at refreshes that meet")) && !o.is("refreshes for ever") {
		if !o.is("lets the successor live after a replay") {
			session.ended = true
		}
		o.mu.Unlock()
		o.refuse(w, http.StatusUnauthorized)
		return
	}
	if o.is("ends other sessions at the refresh") {
		for _, other := range o.sessions {
			other.ended = other.ended || other != session && other.email == session.email
		}
	}
	if successor == nil || o.is("refreshes for ever") {
		o.mu.Unlock()
		fresh := o.pair(session, refresh)
		if o.is("answers the old access token") {
			fresh["access_token"] = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		}
		o.mu.Lock()
		if refresh.successor == nil { // else another request was faster
			refresh.successor = fresh
		}
		successor = refresh.successor
		if o.is("refreshes for ever") {
			successor = fresh
		}
	}
	o.mu.Unlock()
	o.reply(w, http.StatusOK, successor)
}

func (o *sessionOffice) onUsers(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		o.refuse(w, http.StatusMethodNotAllowed)
		return
	}
	if key := r.Header.Get("X-Api-Key"); key != "" {
		if key != officeKey && !o.is("accepts any key") || o.is("knows no key") {
			o.refuse(w, http.StatusUnauthorized)
			return
		}
		o.reply(w, http.StatusOK, []any{})
		return
	}
	session := o.bearer(r)
	if r.Header.Get("Authorization") == "" && (o.is("needs no token") || o.is("needs no token in one language") && r.URL.Path != "/users") {
		o.reply(w, http.StatusOK, []any{})
		return
	}
	if session == nil && o.is("accepts the token null") && strings.HasSuffix(r.Header.Get("Authorization"), " null") {
		o.reply(w, http.StatusOK, []any{})
		return
	}
	if session == nil {
		status := http.StatusUnauthorized
		if o.is("answers missing tokens with 403") {
			status = http.StatusForbidden
		}
		o.refuse(w, status)
		return
	}
	if session.email == "bruno@example.com" && !o.is("shows everything to everybody") {
		status := http.StatusForbidden
		if o.is("answers missing rights with 401") {
			status = http.StatusUnauthorized
		}
		o.refuse(w, status)
		return
	}
	if o.is("answers a page") {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<h1>users</h1>"))
		return
	}
	o.reply(w, http.StatusOK, []any{map[string]any{"id": 1, "email": "anna@example.com"}})
}

func (o *sessionOffice) onItems(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Api-Key") == officeKey && !o.is("grants keys access to everything") {
		o.refuse(w, http.StatusForbidden)
		return
	}
	o.reply(w, http.StatusOK, []any{})
}

func (o *sessionOffice) list(w http.ResponseWriter, r *http.Request) {
	own := o.bearer(r)
	if own == nil {
		o.refuse(w, http.StatusUnauthorized)
		return
	}
	o.mu.Lock()
	list := []any{}
	for _, s := range o.sessions {
		if s.ended || s.email != own.email {
			continue
		}
		entry := map[string]any{"id": s.id, "ip_address": s.ip, "user_agent": s.agent, "user": map[string]any{"email": s.email}}
		switch o.fault {
		case "shows no address":
			delete(entry, "ip_address")
		case "shows the zero address":
			entry["ip_address"] = "0.0.0.0"
		case "shows a name for an address":
			entry["ip_address"] = "localhost"
		case "shows another device":
			entry["user_agent"] = "curl"
		case "shows another user":
			entry["user"] = "bruno@example.com"
		case "shows no user":
			entry["user"] = nil
		}
		list = append(list, entry)
	}
	o.mu.Unlock()
	o.reply(w, http.StatusOK, map[string]any{"sessions": list, "total": len(list)})
}

func (o *sessionOffice) onSession(w http.ResponseWriter, r *http.Request, id string, body []byte) {
	own := o.bearer(r)
	if own == nil {
		o.refuse(w, http.StatusUnauthorized)
		return
	}
	o.mu.Lock()
	session, sessions := o.sessions[id], maps.Clone(o.sessions)
	o.mu.Unlock()
	switch {
	case session == nil:
		o.refuse(w, http.StatusNotFound)
	case r.Method == http.MethodDelete:
		o.mu.Lock()
		session.ended = true
		if o.is("ends all sessions at once") {
			for _, other := range sessions {
				other.ended = true
			}
		}
		o.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPatch && o.is("changes sessions behind a refusal"):
		o.change(session, body)
		o.refuse(w, http.StatusConflict)
	case r.Method == http.MethodPut && o.is("says it changed a session"):
		o.reply(w, http.StatusOK, map[string]any{})
	default:
		o.refuse(w, http.StatusMethodNotAllowed)
	}
}

func (o *sessionOffice) change(session *officeSession, body []byte) {
	var wish struct {
		IP string `json:"ip_address"`
	}
	_ = json.Unmarshal(body, &wish)
	o.mu.Lock()
	defer o.mu.Unlock()
	session.ip = wish.IP
}
