package dialect

import (
	"context"
	"net/http"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// Session is a client of the session dialect.
type Session struct {
	on       *exchange.Client
	declared *manifest.Session
}

var _ Client = Session{}

// LoginRequest implements Client.
func (s Session) LoginRequest(who Credentials) exchange.Request {
	s.on.Subject.Secrets.Add("password", who.Password)
	return exchange.NewRequest(http.MethodPost, s.declared.Prefix+s.declared.Login).WithJSON(map[string]any{
		"session": map[string]string{"email": who.Login, "password": who.Password},
	})
}

// LogIn implements Client.
func (s Session) LogIn(ctx context.Context, who Credentials) (*exchange.Answer, *Grant, error) {
	answer, err := s.on.Do(ctx, s.LoginRequest(who))
	if err != nil {
		return nil, nil, err
	}
	return answer, s.Granted(answer), nil
}

// Granted reads a token pair, or nil where there is none.
func (s Session) Granted(a *exchange.Answer) *Grant {
	access, err := a.Text("access_token")
	if !a.Accepted() || err != nil {
		return nil
	}
	refresh, _ := a.Text("refresh_token") // whether there is one is for SES-01 to say
	return &Grant{Access: s.on.Granted(a, access), Refresh: s.on.Secret(refresh)}
}

// Protected implements Client.
func (s Session) Protected() exchange.Request {
	return exchange.NewRequest(http.MethodGet, s.declared.Prefix+s.declared.Protected)
}

// Authorize implements Client.
func (Session) Authorize(r exchange.Request, token string) exchange.Request { return bearing(r, token) }

// Access implements Client.
func (s Session) Access(ctx context.Context, token string) (*exchange.Answer, error) {
	return access(ctx, s.on, s, token)
}

// RefreshRequest asks for a new pair; the bearer beside the refresh token is
// documented, so it is always sent.
func (s Session) RefreshRequest(refresh, bearer string) exchange.Request {
	r := exchange.NewRequest(http.MethodPost, s.declared.Prefix+s.declared.Refresh)
	return s.Authorize(r.WithJSON(map[string]string{"refresh_token": refresh}), bearer)
}

// Renew implements Client.
func (s Session) Renew(ctx context.Context, g *Grant) (*exchange.Answer, *Grant, error) {
	answer, err := s.on.Do(ctx, s.RefreshRequest(g.Refresh, g.Access))
	if err != nil {
		return nil, nil, err
	}
	return answer, s.Granted(answer), nil
}

// Full implements Client.
func (s Session) Full() Credentials {
	return Credentials{s.declared.Accounts.Full.Email, s.declared.Accounts.Full.Password}
}

// Locked implements Client. The dialect documents no code of its own; 423 is
// what HTTP has.
func (Session) Locked(a *exchange.Answer) bool { return a.Status == http.StatusLocked }
