package session_test

import (
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"time"
)

// logIn answers a login, wrongly where the office's fault is about logins.
func (o *sessionOffice) logIn(w http.ResponseWriter, r *http.Request, body []byte) {
	if o.is("wants a JSON content type") && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		o.refuse(w, http.StatusUnsupportedMediaType)
		return
	}
	email, password, ok := o.credentials(body)
	if !ok {
		if o.is("breaks at malformed logins") {
			o.refuse(w, http.StatusInternalServerError)
			return
		}
		if o.is("repeats what it cannot read") {
			o.reply(w, http.StatusBadRequest, map[string]any{"error": "cannot read " + string(body)})
			return
		}
		o.refuse(w, http.StatusBadRequest)
		return
	}
	if o.throttled(w, email) {
		return
	}
	if !o.right(email, password) {
		o.refuseLogin(w, email, password)
		return
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	o.mu.Lock()
	// A right password resets the throttle, except in the two variants whose names begin so.
	if !strings.HasPrefix(o.fault, "right: a throttle that") {
		delete(o.wrong, email)
	}
	o.mu.Unlock()
	if o.is("takes one login at a time") && !o.alone() {
		o.refuse(w, http.StatusServiceUnavailable)
		return
	}
	s := &officeSession{id: o.mint(), email: email, ip: host, agent: r.UserAgent()}
	o.mu.Lock()
	o.sessions[s.id] = s
	o.mu.Unlock()
	reply := o.pair(s, nil)
	o.reply(w, http.StatusCreated, o.inflected(reply, r.Header.Get("X-Api-Inflection")))
}

// alone waits up to 300 ms for another login, and says whether none came. Where two
// logins meet, alone is false for both.
func (o *sessionOffice) alone() bool {
	o.mu.Lock()
	if o.meeting != nil {
		close(o.meeting)
		o.meeting = nil
		o.mu.Unlock()
		return false
	}
	meeting := make(chan struct{})
	o.meeting = meeting
	o.mu.Unlock()
	select {
	case <-meeting:
		return false
	case <-time.After(300 * time.Millisecond):
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.meeting == meeting {
		o.meeting = nil
	}
	return true
}

// credentials reads the body of a login. ok is false where the body is malformed.
func (o *sessionOffice) credentials(body []byte) (email, password string, ok bool) {
	var login struct {
		Session *struct{ Email, Password *string }
	}
	if err := json.Unmarshal(body, &login); err != nil || login.Session == nil || login.Session.Email == nil || login.Session.Password == nil {
		var loose struct{ Session struct{ Email []string } }
		if o.is("takes an array for a text") && json.Unmarshal(body, &loose) == nil && len(loose.Session.Email) == 1 {
			return loose.Session.Email[0], officePasswords[loose.Session.Email[0]], true
		}
		return "", "", false
	}
	return *login.Session.Email, *login.Session.Password, true
}

// throttled refuses a login with 429, and returns true, where eight passwords for
// this e-mail address were wrong within the last 30 seconds. One variant refuses
// after five.
func (o *sessionOffice) throttled(w http.ResponseWriter, email string) bool {
	now := o.clock.Now()
	o.mu.Lock()
	recent := 0
	for _, at := range o.wrong[email] {
		if now.Sub(at) < 30*time.Second || o.is("never forgives") {
			recent++
		}
	}
	o.mu.Unlock()
	_, known := officePasswords[email]
	limit := 8
	if o.is("right: a throttle that is soon full") {
		limit = 5
	}
	if recent < limit || o.is("throttles nobody") || o.is("throttles known accounts only") && !known {
		return false
	}
	switch {
	case o.is("never forgives"): // the judge really waits for that long
		w.Header().Set("Retry-After", "6")
	case !o.is("does not say how long to wait"):
		w.Header().Set("Retry-After", "30")
	}
	o.refuse(w, http.StatusTooManyRequests)
	return true
}

// right says whether the office accepts a password for an e-mail address.
func (o *sessionOffice) right(email, password string) bool {
	right, known := officePasswords[email]
	switch o.fault {
	case "takes any password":
		return true
	case "takes an empty password":
		return known && (password == "" || password == right)
	case "reads the front of a password":
		return known && (strings.HasPrefix(password, right) || strings.HasPrefix(right, password) && password != "")
	}
	return known && password == right || o.is("ignores letter case") && strings.EqualFold(password, right)
}

// refuseLogin counts a wrong password for the throttle and refuses the login.
func (o *sessionOffice) refuseLogin(w http.ResponseWriter, email, password string) {
	o.mu.Lock()
	o.wrong[email] = append(o.wrong[email], o.clock.Now())
	o.mu.Unlock()
	_, known := officePasswords[email]
	switch {
	case o.is("answers unknown accounts with 404") && !known:
		o.reply(w, http.StatusNotFound, map[string]any{"error": "no"})
	case o.is("names unknown accounts") && !known:
		o.reply(w, http.StatusUnauthorized, map[string]any{"error": "nobody is " + email, "request_id": requestID()})
	case o.is("puts a token into refusals"):
		o.reply(w, http.StatusUnauthorized, map[string]any{"error": "no", "old": map[string]any{"access_token": o.leak()}})
	case o.is("puts a token into a cookie"):
		w.Header().Add("Set-Cookie", "theme=dark")
		w.Header().Add("Set-Cookie", "access_token="+o.leak()+"; Path=/")
		o.refuse(w, http.StatusUnauthorized)
	case o.is("repeats the password"):
		o.reply(w, http.StatusUnauthorized, map[string]any{"error": "not " + password})
	case o.is("answers wrong passwords with 403"):
		o.refuse(w, http.StatusForbidden)
	case o.is("answers wrong passwords with 200"):
		o.reply(w, http.StatusOK, map[string]any{"error": "no"})
	case strings.HasPrefix(o.fault, "right: refusals"):
		o.refuse(w, http.StatusUnauthorized)
	default:
		o.reply(w, http.StatusUnauthorized, map[string]any{"error": email + " and that password do not match", "request_id": requestID()})
	}
}
