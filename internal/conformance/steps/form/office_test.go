package form_test

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/steps/stepstest"
)

// formOffice is a small server of the form dialect, right but for one fault.
// Unlike the reference it answers an extension with a new token, shows the
// user as an object, and writes validTo without a zone.
type formOffice struct {
	clock *stepstest.Clock
	fault string

	mu     sync.Mutex
	tokens map[string]*formGrant
	dead   map[string]bool
	wrong  map[string][]time.Time
}

type formGrant struct {
	login   string
	end     time.Time
	shown   time.Time // the end that was promised
	deleted bool
}

func newFormOffice(clock *stepstest.Clock, fault string) *formOffice {
	return &formOffice{
		clock: clock, fault: fault, tokens: map[string]*formGrant{}, dead: map[string]bool{}, wrong: map[string][]time.Time{},
	}
}

const (
	formLogin    = "kasia.nowak"
	formPassword = "trzy mokre & kasztany"
)

func (o *formOffice) is(fault string) bool { return o.fault == fault }

func (o *formOffice) reply(w http.ResponseWriter, status int, value any) {
	if !o.is("lets replies be stored") {
		w.Header().Set("Cache-Control", "private, No-Store")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func (o *formOffice) refuse(w http.ResponseWriter, status int) {
	o.reply(w, status, map[string]any{"message": http.StatusText(status), "token": nil})
}

func (o *formOffice) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, values := range r.Header {
		if len(values[0]) > 32<<10 && !o.is("takes any header") {
			o.refuse(w, http.StatusBadRequest)
			return
		}
	}
	limit := int64(64 << 10)
	if o.is("takes any body") {
		limit = 1 << 30
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		o.refuse(w, http.StatusRequestEntityTooLarge)
		return
	}
	query := r.URL.Query()
	switch {
	case r.URL.Path == "/items" && r.Method == http.MethodGet:
		o.items(w, r)
	case r.URL.Path != "/login":
		o.refuse(w, http.StatusNotFound)
	case r.Method == http.MethodPost, r.Method == http.MethodGet && query.Has("pass") && o.is("logs in by the query of a GET"):
		o.logIn(w, r, body)
	case r.Method == http.MethodGet:
		o.validate(w, query.Get("token"))
	case r.Method == http.MethodPut:
		o.extend(w, body)
	case r.Method == http.MethodDelete:
		o.end(w, query.Get("token"))
	case o.is("takes PATCH for PUT"):
		o.logIn(w, r, body)
	default:
		o.refuse(w, http.StatusMethodNotAllowed)
	}
}

// fields reads the login's fields; more than one of a name is a mistake.
func (o *formOffice) fields(r *http.Request, body []byte) (url.Values, bool) {
	fields, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, false
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		var members map[string]string
		if !o.is("takes JSON") || json.Unmarshal(body, &members) != nil {
			return nil, false
		}
		fields = url.Values{}
		for name, value := range members {
			fields.Set(name, value)
		}
	}
	if o.is("logs in by the query") || o.is("logs in by the query of a GET") {
		for name, values := range r.URL.Query() {
			fields[name] = append(fields[name], values...)
		}
	}
	for _, values := range fields {
		if len(values) > 1 && !o.is("takes the last of repeated fields") {
			return nil, false
		}
	}
	if fields.Get("login") == "" || fields.Get("pass") == "" && !o.is("wants no password") {
		return nil, false
	}
	return fields, true
}

func (o *formOffice) logIn(w http.ResponseWriter, r *http.Request, body []byte) {
	fields, ok := o.fields(r, body)
	if !ok {
		if o.is("breaks at malformed forms") {
			o.refuse(w, http.StatusInternalServerError)
			return
		}
		o.refuse(w, http.StatusBadRequest)
		return
	}
	login, now := fields.Get("login"), o.clock.Now()
	o.mu.Lock()
	recent := 0
	for _, at := range o.wrong[login] {
		if now.Sub(at) < 30*time.Second {
			recent++
		}
	}
	o.mu.Unlock()
	if recent >= 8 && !o.is("throttles nobody") {
		o.refuse(w, http.StatusLocked)
		return
	}
	right := fields.Get("pass") == formPassword || o.is("reads the front of a password") && strings.HasPrefix(formPassword, fields.Get("pass")) ||
		o.is("ignores letter case") && strings.EqualFold(fields.Get("pass"), formPassword) ||
		o.is("takes any password") || fields.Get("pass") == "" && o.is("wants no password")
	if login != formLogin || !right {
		o.mu.Lock()
		o.wrong[login] = append(o.wrong[login], now)
		o.mu.Unlock()
		o.refuseLogin(w, login, fields.Get("pass"))
		return
	}
	o.grant(w, fields.Get("longtoken") == "true")
}

func (o *formOffice) refuseLogin(w http.ResponseWriter, login, password string) {
	switch {
	case o.is("answers wrong passwords with 403"):
		o.refuse(w, http.StatusForbidden)
	case o.is("answers wrong passwords with 200"):
		o.refuse(w, http.StatusOK)
	case o.is("puts a token into refusals"):
		o.reply(w, http.StatusUnauthorized, map[string]any{"token": "f00f00f00f00f00f00"})
	case o.is("names unknown accounts") && login != formLogin:
		http.Error(w, "user "+login+" is unknown", http.StatusUnauthorized)
	case o.is("repeats the password"):
		http.Error(w, login+" "+password+" is wrong", http.StatusUnauthorized)
	default:
		http.Error(w, "user "+login+": wrong login or password, see log "+hex.EncodeToString(stepstest.RandomBytes(4)), http.StatusUnauthorized)
	}
}

func (o *formOffice) grant(w http.ResponseWriter, long bool) {
	life, shown := 24*time.Hour, 24*time.Hour
	if long && !o.is("knows no long token") {
		life, shown = 30*24*time.Hour, 30*24*time.Hour
	}
	switch {
	case o.is("lets tokens live a day longer"):
		life += 24 * time.Hour
	case o.is("ends two seconds late"):
		life += 2 * time.Second
	case o.is("ends three seconds early"):
		life -= 3 * time.Second
	case o.is("right: ends 50 seconds early, and says so"):
		life -= 50 * time.Second
		shown -= 50 * time.Second
	case o.is("lets tokens live an hour"):
		life = time.Hour
	case o.is("lets long tokens die after a day") && long:
		life = 24 * time.Hour
	case o.is("promises 25 hours") && !long:
		shown += time.Hour
	}
	now := o.clock.Now()
	token := hex.EncodeToString(stepstest.RandomBytes(20))
	o.mu.Lock()
	if o.is("has one token per user") {
		for known, g := range o.tokens {
			if !g.deleted {
				token = known
			}
		}
	}
	if o.is("counts its tokens") {
		token = "f0000000000000000000000000000000" + hex.EncodeToString([]byte{byte(len(o.tokens) >> 8), byte(len(o.tokens))})
	}
	g := &formGrant{login: formLogin, end: now.Add(life), shown: now.Add(shown)}
	o.tokens[token] = g
	o.mu.Unlock()
	o.show(w, http.StatusOK, token, g)
}

func (o *formOffice) show(w http.ResponseWriter, status int, token string, g *formGrant) {
	reply := map[string]any{
		"token": token, "validTo": g.shown.UTC().Format(time.DateTime), "user": map[string]any{"id": 7, "card": map[string]any{"login": g.login}},
	}
	switch o.fault {
	case "gives no token":
		reply["token"] = ""
	case "names no end":
		delete(reply, "validTo")
	case "names the end in words":
		reply["validTo"] = "tomorrow"
	case "names no user":
		reply["user"] = nil
	case "names another user":
		reply["user"] = "root"
	}
	o.reply(w, status, reply)
}

// live finds a token that may be used, or nil.
func (o *formOffice) live(token string) *formGrant {
	o.mu.Lock()
	defer o.mu.Unlock()
	g := o.tokens[token]
	if g == nil && o.is("compares the back of tokens") && len(token) > 20 {
		for known, found := range o.tokens {
			if len(known) == len(token) && known[30:] == token[30:] {
				g = found
			}
		}
	}
	if g == nil || g.deleted && !o.is("deletes nothing") || !o.clock.Now().Before(g.end) {
		return nil
	}
	if o.is("lets tokens live on while they are used") {
		g.end = o.clock.Now().Add(24 * time.Hour)
		g.shown = g.end
	}
	return g
}

func (o *formOffice) items(w http.ResponseWriter, r *http.Request) {
	token := r.Header.Get("X-Auth-Bearer")
	if o.is("reads tokens from the query") && token == "" {
		token = r.URL.Query().Get("token")
	}
	g := o.live(token)
	if g == nil && o.is("accepts deleted tokens") {
		o.mu.Lock()
		g = o.tokens[token]
		if g != nil && !g.deleted {
			g = nil
		}
		o.mu.Unlock()
	}
	switch {
	case o.is("lets items be stored"):
		w.Header().Set("Content-Type", "application/json")
		if g == nil {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = w.Write([]byte("{}"))
	case g == nil && o.is("needs no token"):
		o.reply(w, http.StatusOK, map[string]any{})
	case g == nil && o.is("answers missing tokens with 403"):
		o.refuse(w, http.StatusForbidden)
	case g == nil, o.is("rejects all tokens"):
		o.refuse(w, http.StatusUnauthorized)
	default:
		o.reply(w, http.StatusOK, map[string]any{"items": []any{}})
	}
}

func (o *formOffice) validate(w http.ResponseWriter, token string) {
	g := o.live(token)
	o.mu.Lock()
	known := o.tokens[token]
	o.mu.Unlock()
	switch {
	case g == nil && known != nil && !known.deleted && o.is("shows expired tokens"):
		o.show(w, http.StatusOK, token, known)
	case g == nil && known != nil && known.deleted && o.is("calls deleted tokens gone"):
		o.refuse(w, http.StatusGone)
	case g == nil && known == nil && o.is("calls unknown tokens unauthorized"):
		o.refuse(w, http.StatusUnauthorized)
	case g == nil && known != nil && !known.deleted && o.is("calls expired tokens unauthorized"):
		o.refuse(w, http.StatusUnauthorized)
	case g == nil:
		o.refuse(w, http.StatusNotFound)
	case o.is("writes validTo otherwise at GET"):
		o.reply(w, http.StatusOK, map[string]any{"token": token, "validTo": g.shown.Unix(), "user": map[string]any{"id": 7}})
	default:
		o.show(w, http.StatusOK, token, g)
	}
}

func (o *formOffice) extend(w http.ResponseWriter, body []byte) {
	var wish struct {
		Token     string `json:"token"`
		LongToken bool   `json:"longtoken"`
	}
	if json.Unmarshal(body, &wish) != nil || wish.Token == "" {
		o.refuse(w, http.StatusBadRequest)
		return
	}
	g := o.live(wish.Token)
	o.mu.Lock()
	known := o.tokens[wish.Token]
	o.mu.Unlock()
	if g == nil && known != nil && (o.is("extends expired tokens") && !known.deleted || o.is("extends deleted tokens") && known.deleted) {
		g = known
	}
	now := o.clock.Now()
	switch {
	case g == nil:
		o.refuse(w, http.StatusNotFound)
	case o.is("refuses extensions"):
		o.refuse(w, http.StatusConflict)
	case o.is("extends in words only"):
		o.show(w, http.StatusOK, wish.Token, &formGrant{login: g.login, shown: now.Add(map[bool]time.Duration{false: 24, true: 720}[wish.LongToken] * time.Hour)})
	case o.is("adds a day to the end"):
		o.mu.Lock()
		g.end, g.shown = g.end.Add(24*time.Hour), g.shown.Add(24*time.Hour)
		o.mu.Unlock()
		o.show(w, http.StatusOK, wish.Token, g)
	case o.is("never shortens") && g.end.After(now.Add(24*time.Hour)):
		o.show(w, http.StatusOK, wish.Token, g)
	case o.is("extends by a day at most"):
		o.grant(w, false)
	default:
		o.grant(w, wish.LongToken)
	}
}

func (o *formOffice) end(w http.ResponseWriter, token string) {
	g := o.live(token)
	if g == nil {
		o.refuse(w, http.StatusNotFound)
		return
	}
	o.mu.Lock()
	g.deleted = true
	if o.is("deletes all tokens") {
		for _, other := range o.tokens {
			other.deleted = true
		}
	}
	o.mu.Unlock()
	switch o.fault {
	case "answers a deletion with 200":
		o.reply(w, http.StatusOK, map[string]any{"deleted": true})
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}
