package dialect

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// RPC is a client of the rpc dialect over both transports. As a Client it
// speaks HTTP where the subject has it, else gRPC.
type RPC struct {
	on       *exchange.Client
	declared *manifest.RPC
	grpc     func() (*exchange.GRPC, error) // prepares the connection once
	names    sync.Map                       // token value to the name it travels under
}

var _ Client = (*RPC)(nil)

// The two transports.
const (
	OverHTTP = "HTTP" // the {method,data} endpoint
	OverGRPC = "gRPC" // the service itself
	OverREST = "REST" // the service by paths
)

// The full names of the dialect's methods.
const (
	AuthService     = "axxonsoft.bl.auth.AuthenticationService."
	AuthenticateEx  = AuthService + "AuthenticateEx"
	AuthenticateEx2 = AuthService + "AuthenticateEx2"
	RenewSession    = AuthService + "RenewSession"
	GetSessionInfo  = AuthService + "GetSessionInfo"
	CloseSession    = AuthService + "CloseSession"
	BySecondFactor  = AuthService + "AuthenticateBySecondFactor"
	Approve         = AuthService + "ApproveAuthentication"
	Decline         = AuthService + "DeclineAuthentication"
)

func newRPC(c *exchange.Client, declared *manifest.RPC) *RPC {
	return &RPC{on: c, declared: declared, grpc: sync.OnceValues(func() (*exchange.GRPC, error) {
		return exchange.NewGRPC(c.Subject, declared.GRPC)
	})}
}

// Close closes the connection of direct gRPC, where there is one.
func (r *RPC) Close() error {
	if r.declared.GRPC == nil {
		return nil
	}
	connection, err := r.grpc()
	if err != nil {
		return nil // the call that wanted it has said so
	}
	return connection.Close()
}

// Transport is the one that the Client speaks.
func (r *RPC) Transport() string {
	if r.declared.HTTP != nil {
		return OverHTTP
	}
	return OverGRPC
}

// RPCCall is one call, the same over both transports.
type RPCCall struct {
	Method string            // full name
	Data   map[string]string // the request's members; nil is an empty request
	Token  *RPCToken         // nil: none
	Basic  *Credentials      // over HTTP only; nil: none
}

// RPCToken is a token and the answer that granted it.
type RPCToken struct {
	Name   string // the metadata key that it travels under over gRPC
	Value  string
	Answer *exchange.Answer // nil for one that the suite made
}

// LoginCall is AuthenticateEx, or a method that is to do the same, with the
// credentials in the data and, over HTTP, as Basic too.
func LoginCall(method string, who Credentials) RPCCall {
	return RPCCall{Method: method, Data: map[string]string{"user_name": who.Login, "password": who.Password}, Basic: &who}
}

// WithBasic is the call with other credentials as Basic.
func (c RPCCall) WithBasic(who Credentials) RPCCall {
	c.Basic = &who
	return c
}

// Call does one call over a transport.
func (r *RPC) Call(ctx context.Context, transport string, c RPCCall) (*exchange.Answer, error) {
	if password, ok := c.Data["password"]; ok {
		r.on.Subject.Secrets.Add("password", password)
	}
	if transport == OverREST {
		request, err := r.OverREST(c)
		if err != nil {
			return nil, err
		}
		return r.on.Do(ctx, request)
	}
	if transport == OverHTTP {
		if r.declared.HTTP == nil {
			return nil, errors.New("the manifest declares no rpc over HTTP")
		}
		return r.on.Do(ctx, r.httpRequest(c))
	}
	connection, err := r.grpc()
	if err != nil {
		return nil, err
	}
	call := exchange.Call{Method: c.Method, Data: c.Data}
	if c.Token != nil {
		call.Metadata = map[string]string{c.Token.Name: c.Token.Value}
	}
	return r.on.DoGRPC(ctx, connection, call)
}

// httpRequest writes a call for the {method,data} endpoint.
func (r *RPC) httpRequest(c RPCCall) exchange.Request {
	data := c.Data
	if data == nil {
		data = map[string]string{}
	}
	request := exchange.NewRequest("POST", r.declared.HTTP.Path).WithJSON(map[string]any{"method": c.Method, "data": data})
	switch {
	case c.Token != nil:
		request = bearing(request, c.Token.Value)
	case c.Basic != nil:
		request = request.With("Authorization", r.Basic(*c.Basic))
	}
	return request
}

// restPaths are the methods as REST, below the declared path.
var restPaths = map[string][2]string{
	AuthenticateEx2:               {"POST", "/authenticate_ex2"},
	AuthService + "RenewSession2": {"GET", "/renew2"},
	CloseSession:                  {"GET", "/close"},
}

// OverREST writes a call as REST: a login is anonymous. It is an error where the
// method has no path, or the manifest declares no REST.
func (r *RPC) OverREST(c RPCCall) (exchange.Request, error) {
	path, known := restPaths[c.Method]
	if !known || r.declared.REST == nil {
		return exchange.Request{}, fmt.Errorf("there is no %s over REST", c.Method)
	}
	request := exchange.NewRequest(path[0], r.declared.REST.Path+path[1])
	if c.Data != nil {
		request = request.WithJSON(c.Data)
	}
	if c.Token != nil {
		request = bearing(request, c.Token.Value)
	}
	return request, nil
}

// Basic is the value of an Authorization header.
func (r *RPC) Basic(who Credentials) string {
	r.on.Subject.Secrets.Add("password", who.Password)
	r.on.Subject.Secrets.AddBasic(who.Login, who.Password)
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(who.Login+":"+who.Password))
}

// TokenIn reads the token that an answer grants. It is an error when there is
// none.
func (r *RPC) TokenIn(a *exchange.Answer) (*RPCToken, error) {
	if Refused(a) {
		return nil, fmt.Errorf("expected a token, got a refusal: %s", a.Brief())
	}
	value, err := a.Text("token_value")
	if err != nil {
		return nil, err
	}
	name, err := a.Text("token_name")
	if err != nil {
		return nil, err
	}
	r.on.Granted(a, value)
	r.names.Store(value, name)
	return &RPCToken{Name: name, Value: value, Answer: a}, nil
}

// LogIn implements Client.
func (r *RPC) LogIn(ctx context.Context, who Credentials) (*exchange.Answer, *Grant, error) {
	return r.granted(ctx, LoginCall(AuthenticateEx, who))
}

func (r *RPC) granted(ctx context.Context, c RPCCall) (*exchange.Answer, *Grant, error) {
	return r.grantedOver(ctx, r.Transport(), c)
}

func (r *RPC) grantedOver(ctx context.Context, transport string, c RPCCall) (*exchange.Answer, *Grant, error) {
	answer, err := r.Call(ctx, transport, c)
	if err != nil {
		return nil, nil, err
	}
	token, err := r.TokenIn(answer)
	if err != nil {
		return answer, nil, nil // refused: the answer says so
	}
	return answer, &Grant{Access: token.Value}, nil
}

// LogInOverOther logs in over the transport that LogIn does not use; where there
// is none, over the same.
func (r *RPC) LogInOverOther(ctx context.Context, who Credentials) (*exchange.Answer, *Grant, error) {
	if r.declared.HTTP == nil || r.declared.GRPC == nil {
		return r.LogIn(ctx, who)
	}
	return r.grantedOver(ctx, OverGRPC, LoginCall(AuthenticateEx, who))
}

// LoginRequest implements Client, for scenarios over HTTP only.
func (r *RPC) LoginRequest(who Credentials) exchange.Request {
	return r.httpRequest(LoginCall(AuthenticateEx, who))
}

// Access implements Client.
func (r *RPC) Access(ctx context.Context, token string) (*exchange.Answer, error) {
	c := RPCCall{Method: r.declared.Protected}
	if token != "" {
		c.Token = r.named(token)
	}
	return r.Call(ctx, r.Transport(), c)
}

// named finds the name under which a token was granted.
func (r *RPC) named(token string) *RPCToken {
	name, known := r.names.Load(token)
	if !known {
		return &RPCToken{Name: "auth_token", Value: token}
	}
	return &RPCToken{Name: name.(string), Value: token}
}

// Protected implements Client, for scenarios over HTTP only.
func (r *RPC) Protected() exchange.Request {
	return r.httpRequest(RPCCall{Method: r.declared.Protected})
}

// Authorize implements Client.
func (*RPC) Authorize(r exchange.Request, token string) exchange.Request { return bearing(r, token) }

// Renew implements Client.
func (r *RPC) Renew(ctx context.Context, g *Grant) (*exchange.Answer, *Grant, error) {
	return r.granted(ctx, RPCCall{Method: RenewSession, Token: r.named(g.Access)})
}

// Full implements Client.
func (r *RPC) Full() Credentials {
	full := r.declared.Accounts.Full
	return Credentials{full.Login, full.Password}
}

// Locked implements Client: the service's own code for a locked account or
// address, over gRPC also the code for too many calls.
func (*RPC) Locked(a *exchange.Answer) bool {
	switch Mistake(a) {
	case "USER_LOCKED", "IP_BLOCKED":
		return true
	case "RESOURCE_EXHAUSTED":
		return a.Header.Get(exchange.StatusHeader) != ""
	}
	return false
}
