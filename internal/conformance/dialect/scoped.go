package dialect

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// Scoped is a client of the scoped dialect.
type Scoped struct {
	on       *exchange.Client
	declared *manifest.Scoped
}

var _ Client = Scoped{}

// Issue is what a token is asked for with; absent members are nil or "".
type Issue struct {
	Life   string
	Name   string
	Scopes []string
}

func (i Issue) members() map[string]any {
	members := map[string]any{}
	if i.Life != "" {
		members["expiresIn"] = i.Life
	}
	if i.Name != "" {
		members["name"] = i.Name
	}
	if i.Scopes != nil {
		members["scopes"] = i.Scopes
	}
	return members
}

// OwnName is a name that no other token has.
func OwnName() string { return "dragoman-" + rand.Text() }

// CredentialsRequest asks for a token by credentials.
func (s Scoped) CredentialsRequest(who Credentials, asked Issue) exchange.Request {
	s.on.Subject.Secrets.Add("password", who.Password)
	body := asked.members()
	body["username"], body["password"] = who.Login, who.Password
	return exchange.NewRequest(http.MethodPost, s.declared.Prefix+s.declared.Auth).WithJSON(body)
}

// IssueRequest asks for a token with another one.
func (s Scoped) IssueRequest(with string, asked Issue) exchange.Request {
	return bearing(exchange.NewRequest(http.MethodPost, s.declared.Prefix+s.declared.Tokens), with).WithJSON(asked.members())
}

// TokenIn reads the token that an answer grants. It is an error when there is
// none.
func (s Scoped) TokenIn(a *exchange.Answer) (string, error) {
	if !a.Accepted() {
		return "", fmt.Errorf("expected a 2xx, got %s", a.Brief())
	}
	value, err := a.Text("token")
	return s.on.Granted(a, value), err
}

// LoginRequest implements Client.
func (s Scoped) LoginRequest(who Credentials) exchange.Request {
	return s.CredentialsRequest(who, Issue{})
}

// LogIn implements Client.
func (s Scoped) LogIn(ctx context.Context, who Credentials) (*exchange.Answer, *Grant, error) {
	return s.granted(ctx, s.LoginRequest(who))
}

func (s Scoped) granted(ctx context.Context, r exchange.Request) (*exchange.Answer, *Grant, error) {
	answer, err := s.on.Do(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	token, err := s.TokenIn(answer)
	if err != nil {
		return answer, nil, nil // refused: the answer says so
	}
	return answer, &Grant{Access: token}, nil
}

// Access implements Client.
func (s Scoped) Access(ctx context.Context, token string) (*exchange.Answer, error) {
	return access(ctx, s.on, s, token)
}

// Protected implements Client.
func (s Scoped) Protected() exchange.Request {
	return exchange.NewRequest(http.MethodGet, s.declared.Prefix+s.declared.Resources.List)
}

// Authorize implements Client.
func (Scoped) Authorize(r exchange.Request, token string) exchange.Request { return bearing(r, token) }

// Renew implements Client. It issues another token, for the dialect knows no
// renewal.
func (s Scoped) Renew(ctx context.Context, g *Grant) (*exchange.Answer, *Grant, error) {
	return s.granted(ctx, s.IssueRequest(g.Access, Issue{Life: "12 hours", Name: OwnName()}))
}

// Full implements Client.
func (s Scoped) Full() Credentials {
	full := s.declared.Accounts.Full
	return Credentials{full.Login, full.Password}
}

// Locked implements Client: never, for the dialect has no code of its own
// beside 429.
func (Scoped) Locked(*exchange.Answer) bool { return false }
