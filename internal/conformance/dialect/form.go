package dialect

import (
	"context"
	"net/http"
	"net/url"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// Form is a client of the form dialect.
type Form struct {
	on       *exchange.Client
	declared *manifest.Form
}

var _ Client = Form{}

// LoginRequest implements Client. It sends the fields in the documented order.
func (f Form) LoginRequest(who Credentials) exchange.Request {
	f.on.Subject.Secrets.Add("password", who.Password)
	return f.LoginPath(http.MethodPost).WithBody(FormContentType,
		"login="+url.QueryEscape(who.Login)+"&pass="+url.QueryEscape(who.Password))
}

// FormContentType is what an HTML form says that it is.
const FormContentType = "application/x-www-form-urlencoded"

// LoginPath is a request to the login path, with nothing in it.
func (f Form) LoginPath(method string) exchange.Request {
	return exchange.NewRequest(method, f.declared.Prefix+f.declared.Login)
}

// LogIn implements Client.
func (f Form) LogIn(ctx context.Context, who Credentials) (*exchange.Answer, *Grant, error) {
	answer, err := f.on.Do(ctx, f.LoginRequest(who))
	if err != nil {
		return nil, nil, err
	}
	return answer, f.Granted(answer), nil
}

// Granted reads a token, or nil where there is none.
func (f Form) Granted(a *exchange.Answer) *Grant {
	token, err := a.Text("token")
	if !a.Accepted() || err != nil {
		return nil
	}
	return &Grant{Access: f.on.Granted(a, token)}
}

// Protected implements Client.
func (f Form) Protected() exchange.Request {
	return exchange.NewRequest(http.MethodGet, f.declared.Prefix+f.declared.Protected)
}

// Authorize implements Client.
func (Form) Authorize(r exchange.Request, token string) exchange.Request {
	return r.With("X-Auth-Bearer", token)
}

// Access implements Client.
func (f Form) Access(ctx context.Context, token string) (*exchange.Answer, error) {
	return access(ctx, f.on, f, token)
}

// ExtendRequest is the PUT of a token. longtoken is left out unless it is true.
func (f Form) ExtendRequest(token string, long bool) exchange.Request {
	body := map[string]any{"token": token}
	if long {
		body["longtoken"] = true
	}
	return f.LoginPath(http.MethodPut).WithJSON(body)
}

// Renew implements Client.
func (f Form) Renew(ctx context.Context, g *Grant) (*exchange.Answer, *Grant, error) {
	answer, err := f.on.Do(ctx, f.ExtendRequest(g.Access, false))
	if err != nil {
		return nil, nil, err
	}
	return answer, f.Granted(answer), nil
}

// Full implements Client.
func (f Form) Full() Credentials {
	return Credentials{f.declared.Accounts.Full.Login, f.declared.Accounts.Full.Password}
}

// Locked implements Client. The dialect documents no code of its own; 423 is
// what HTTP has.
func (Form) Locked(a *exchange.Answer) bool { return a.Status == http.StatusLocked }
