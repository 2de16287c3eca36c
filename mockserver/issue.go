package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// Tokens are what a login obtains. Do not log them.
type Tokens struct {
	// Access is the token that requests carry.
	Access string
	// Refresh is the single-use token of the session dialect; elsewhere empty.
	Refresh string
}

// Issue logs an account in without a client, and without an entry in the journal:
// for tests that begin with a token. The error says that the mock has no such
// dialect or account.
func (s *Server) Issue(dialect, login string) (Tokens, error) {
	tokens, err := s.issue(dialect, login)
	if err != nil {
		return Tokens{}, fmt.Errorf("issue a token: %w", err)
	}
	return tokens, nil
}

func (s *Server) issue(dialect, login string) (Tokens, error) {
	if !slices.Contains(s.dialects, dialect) {
		return Tokens{}, fmt.Errorf("the mock does not serve a dialect %q: it serves %v", dialect, s.dialects)
	}
	i := slices.IndexFunc(s.accounts, func(a Account) bool { return a.Login == login })
	if i < 0 {
		return Tokens{}, fmt.Errorf("no account %q", login)
	}
	answer := memhttp.NewRecorder()
	s.backend.Handler().ServeHTTP(answer, loginRequest(dialect, s.prefixes[dialect], s.accounts[i]))
	found := tokensIn(answer.Body())
	if answer.Status() != http.StatusOK || len(found) == 0 {
		return Tokens{}, fmt.Errorf("the login of %q was answered %d", login, answer.Status())
	}
	s.tokens.issued(route{dialect, Login}, nil, found, false)
	if dialect == wire.Session && len(found) == 2 {
		return Tokens{Access: found[1], Refresh: found[0]}, nil
	}
	return Tokens{Access: found[0]}, nil
}

// loginRequest is the login of an account to a dialect below its prefix.
func loginRequest(dialect, prefix string, a Account) *http.Request {
	path, kind, body := "", "application/json", ""
	switch dialect {
	case wire.Session:
		path, body = wire.SessionSessionsPath, jsonOf(wire.SessionLogin{Session: wire.SessionCredentials{Email: a.Email, Password: a.Password}})
	case wire.Form:
		path, kind = wire.FormLoginPath, "application/x-www-form-urlencoded"
		body = url.Values{wire.FormFieldLogin: {a.Login}, wire.FormFieldPass: {a.Password}}.Encode()
	case wire.RPC:
		path = wire.RPCPath
		data := json.RawMessage(jsonOf(wire.RPCCredentials{UserName: a.Login, Password: a.Password}))
		body = jsonOf(wire.RPCEnvelope{Method: wire.RPCAuthenticateEx, Data: data})
	case wire.Scoped:
		path, body = wire.ScopedPrefix+wire.ScopedAuthPath, jsonOf(wire.ScopedLogin{Username: a.Login, Password: a.Password})
	}
	path = prefix + path
	r, err := http.NewRequest(http.MethodPost, path, strings.NewReader(body)) //nolint:noctx // it is served in memory
	if err != nil {
		panic(fmt.Sprintf("make a login: %v", err)) // paths are ours
	}
	r.RequestURI, r.RemoteAddr = path, "127.0.0.1:1"
	r.Header.Set("Content-Type", kind)
	if dialect == wire.RPC {
		r.SetBasicAuth(a.Login, a.Password)
	}
	return r
}

func jsonOf(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("write a login: %v", err)) // our own types always marshal
	}
	return string(text)
}

// errNoToken says that a token is empty.
var errNoToken = errors.New("the token is empty")

// Expire lets the mock reject a token from now on, as one that has expired. Other
// tokens of its session stay valid.
func (s *Server) Expire(token string) error {
	if token == "" {
		return fmt.Errorf("expire a token: %w", errNoToken)
	}
	s.tokens.ended(token, expired, false)
	return nil
}

// Revoke lets the mock reject a token and all others of its session from now on.
func (s *Server) Revoke(token string) error {
	if token == "" {
		return fmt.Errorf("revoke a token: %w", errNoToken)
	}
	s.tokens.ended(token, revoked, true)
	return nil
}

// IssuedTokens returns the tokens that the mock has issued, at most the last 100 000,
// in no order: those that requests carry, and the single-use ones of the session
// dialect. It is for tests that look for tokens where none may be, and that let all of
// them expire. Do not log them.
func (s *Server) IssuedTokens() (access, refresh []string) { return s.tokens.issuedValues() }
