package zoo

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

// token is what a client has obtained.
type token struct {
	Access  string
	Refresh string    // session dialect
	ID      string    // scoped dialect
	Key     string    // rpc dialect: the name of the metadata
	Issued  time.Time // by the client's clock
	Expires time.Time // by the client's clock; zero: nobody knows
}

// exchange is a request to a token endpoint.
type exchange struct {
	method, path string
	form         url.Values
	json         any
	basic        bool   // with the password
	bearer       string // a token
}

// login is the exchange that obtains a token with the password.
func (c *client) login() exchange {
	user, password := c.env.Login, c.password()
	switch c.env.Dialect {
	case wire.Form:
		return exchange{method: http.MethodPost, path: wire.FormLoginPath, form: url.Values{wire.FormFieldLogin: {user}, wire.FormFieldPass: {password}}}
	case wire.RPC:
		return exchange{method: http.MethodPost, path: wire.RPCPath, basic: true, json: map[string]any{
			"method": wire.RPCAuthenticateEx, "data": wire.RPCCredentials{UserName: user, Password: password},
		}}
	case wire.Scoped:
		return exchange{method: http.MethodPost, path: wire.ScopedPrefix + wire.ScopedAuthPath, json: wire.ScopedLogin{Username: user, Password: password}}
	}
	return exchange{method: http.MethodPost, path: wire.SessionSessionsPath, json: wire.SessionLogin{Session: wire.SessionCredentials{Email: user, Password: password}}}
}

// password is what the client takes for it.
func (c *client) password() string {
	password := c.env.Password
	if n := c.habits.cutPassword; n > 0 {
		password = password[:min(n, len(password))]
	}
	if c.spelling%2 == 1 {
		return strings.ToUpper(password)
	}
	return password
}

// renewal is the exchange that replaces a token without the password; ok is false where
// the dialect has none, or the token has ended. A refresh token outlives its access token.
func (c *client) renewal(t token, live bool) (x exchange, ok bool) {
	switch {
	case c.env.Dialect == wire.Session && t.Refresh != "":
		return exchange{method: http.MethodPost, path: wire.SessionTokensPath, bearer: t.Access, json: wire.SessionRefresh{RefreshToken: t.Refresh}}, true
	case c.env.Dialect == wire.Form && live:
		return exchange{method: http.MethodPut, path: wire.FormLoginPath, json: wire.FormExtend{Token: t.Access}}, true
	case c.env.Dialect == wire.RPC && live:
		return exchange{method: http.MethodPost, path: wire.RPCPath, bearer: t.Access, json: map[string]any{"method": wire.RPCRenewSession, "data": struct{}{}}}, true
	}
	return x, false
}

// ending is the exchange that ends a session; ok is false where the client knows none.
func (c *client) ending(t token) (x exchange, ok bool) {
	switch c.env.Dialect {
	case wire.Form:
		return exchange{method: http.MethodDelete, path: wire.FormLoginPath + "?token=" + url.QueryEscape(t.Access)}, true
	case wire.RPC:
		return exchange{method: http.MethodPost, path: wire.RPCPath, bearer: t.Access, json: map[string]any{"method": wire.RPCCloseSession, "data": struct{}{}}}, true
	case wire.Scoped:
		return exchange{method: http.MethodDelete, path: wire.ScopedPrefix + wire.ScopedTokensPath + "/" + t.ID, bearer: t.Access}, true
	}
	return x, false
}

// authorize puts a token where the dialect wants it.
func (c *client) authorize(r *http.Request, access string) {
	if c.habits.otherHeader {
		r.Header.Set("X-Token", access)
		return
	}
	if c.env.Dialect == wire.Form {
		r.Header.Set(wire.FormTokenHeader, access)
		return
	}
	r.Header.Set("Authorization", "Bearer "+access)
}

// request writes an exchange.
func (c *client) request(ctx context.Context, x exchange) (*http.Request, error) {
	var body io.Reader
	kind := "application/json"
	switch {
	case x.form != nil:
		kind = "application/x-www-form-urlencoded"
		body = strings.NewReader(c.written(x.form.Encode(), url.QueryEscape))
	case x.json != nil:
		text, err := json.Marshal(x.json)
		if err != nil {
			return nil, err
		}
		body = strings.NewReader(c.written(string(text), func(plain string) string {
			quoted, _ := json.Marshal(plain)
			return string(bytes.Trim(quoted, `"`))
		}))
	}
	r, err := http.NewRequestWithContext(ctx, x.method, c.env.URL+x.path, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	if x.basic {
		r.SetBasicAuth(c.env.Login, c.password())
		if c.habits.rawPassword {
			latin := strings.ToValidUTF8(strings.ReplaceAll(c.env.Password, "ß", "\xdf"), "\xdf")
			r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c.env.Login+":"+latin)))
		}
	}
	if x.bearer != "" {
		c.authorize(r, x.bearer)
	}
	return r, nil
}

// written is a body as it should be, or with the password as it is.
func (c *client) written(text string, escape func(string) string) string {
	if c.habits.rawPassword {
		return strings.ReplaceAll(text, escape(c.env.Password), c.env.Password)
	}
	return text
}

// answered are the members of an answer that a client of any dialect reads.
type answered struct {
	AccessToken string          `json:"access_token"` // session
	Refresh     string          `json:"refresh_token"`
	ExpiresIn   *wire.Whole     `json:"expires_in"` // and rpc
	Token       string          `json:"token"`      // form, scoped
	ValidTo     json.RawMessage `json:"validTo"`
	ID          string          `json:"_id"`
	ExpiresAtMs wire.Whole      `json:"expiresAt"`
	TokenName   string          `json:"token_name"` // rpc
	TokenValue  string          `json:"token_value"`
	ExpiresAt   string          `json:"expires_at"`
	ErrorCode   string          `json:"error_code"`
}

// errRefused is a login or a renewal that the server has refused.
var errRefused = errors.New("refused")

// read reads the token of an answer. Sent is when the request was sent.
func (c *client) read(body []byte, date string, sent time.Time) (token, error) {
	var a answered
	if err := c.decode(body, &a); err != nil {
		if c.habits.crashOnGarbage {
			return token{}, errCrash
		}
		if found := tokenLike.FindStringSubmatch(string(body)); c.habits.scrape && found != nil {
			return token{Access: found[1], Issued: sent}, nil
		}
		return token{}, errors.New("the answer is no JSON")
	}
	t := token{Refresh: a.Refresh, ID: a.ID, Key: a.TokenName, Issued: sent}
	for _, access := range []string{a.AccessToken, a.Token, a.TokenValue} {
		if access != "" {
			t.Access = access
		}
	}
	if a.ErrorCode != "" && a.ErrorCode != wire.RPCCodeOK {
		return token{}, fmt.Errorf("%w: %s", errRefused, a.ErrorCode)
	}
	if t.Access == "" && c.habits.undefined {
		t.Access = "undefined"
	}
	if t.Access == "" {
		return token{}, errors.New("the answer has no token")
	}
	return c.withEnd(t, a, date)
}

// tokenLike finds a token in a text, or what looks like one.
var tokenLike = regexp.MustCompile(`(?:access_token|token_value|token)\W+([\w.\-=%/+]+)`)

// decode reads JSON as strictly as the client's habits have it.
func (c *client) decode(body []byte, a *answered) error {
	if c.habits.wholeNumbers && fraction.Match(body) {
		return errors.New("the number is not whole")
	}
	if c.habits.knownMembers && bytes.Contains(body, []byte(`"x-new"`)) {
		return errors.New("the member x-new is not known")
	}
	if c.habits.readExpires && bytes.Contains(body, []byte(`"expires":"`)) {
		return errors.New("expires is no number")
	}
	return json.Unmarshal(body, a)
}

// fraction finds what a reader of one form of numbers does not expect.
var fraction = regexp.MustCompile(`"(?:expires_in|expiresAt)":\d+\.0|"validTo":\d|"expires_in":\d+,"expires|"expires_in":\d+,"is_`)

// withEnd finds out when a token ends by the client's own clock: the life that the
// server names, or its end less the server's time. An end that is past says nothing.
func (c *client) withEnd(t token, a answered, date string) (token, error) {
	var end time.Time
	switch c.env.Dialect {
	case wire.Form:
		end, _ = wire.ParseValidTo(a.ValidTo, time.UTC)
	case wire.RPC:
		end, _ = wire.ParseCompactTime(a.ExpiresAt)
	case wire.Scoped:
		if a.ExpiresAtMs > 0 {
			end, _ = wire.ParseEpochMillis(a.ExpiresAtMs)
		}
	default:
		if a.ExpiresIn != nil {
			t.Expires = t.Issued.Add(a.ExpiresIn.Life())
		}
	}
	if !end.IsZero() {
		now := t.Issued
		if at, err := http.ParseTime(date); err == nil && !c.habits.ownClock {
			now = at
		}
		if life := end.Sub(now); life > 0 || c.habits.ownClock {
			t.Expires = t.Issued.Add(life)
		}
	}
	switch {
	case c.habits.fixedLife > 0:
		t.Expires = t.Issued.Add(c.habits.fixedLife)
	case t.Expires.IsZero() && c.habits.wantEnd:
		return token{}, errors.New("the answer says no end")
	case t.Expires.IsZero() && c.habits.noEndIsEnded:
		t.Expires = t.Issued
	}
	return t, nil
}
