package mockserver

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/reference/prefix"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// Operation is what a request does with tokens, in every dialect and on every
// transport.
type Operation string

// The operations.
const (
	// Login asks for a token with a password.
	Login Operation = "login"
	// Renewal asks for a token with a token of the same session: a refresh
	// (session), an extension (form) or a renewal (rpc).
	Renewal Operation = "renewal"
	// Issue asks for another token with a token (scoped: POST /tokens).
	Issue Operation = "issue"
	// Revoke ends a session or a token.
	Revoke Operation = "revoke"
	// Inspect asks whether a token is live, and what it is: GET /login (form),
	// GetSessionInfo, /product/version and /currentuser (rpc), GET /tokens (scoped)
	// and GET /sessions (session).
	Inspect Operation = "inspect"
	// Resource is every other request to a dialect, and those to the routes of
	// [Server.Handle].
	Resource Operation = "resource"
	// Other is what needs no token in any dialect: health, keys, descriptions.
	Other Operation = "other"
)

// Operations returns all of them, in the order of the constants.
func Operations() []Operation {
	return []Operation{Login, Renewal, Issue, Revoke, Inspect, Resource, Other}
}

// route is what the mock knows of a request by its method and path.
type route struct {
	dialect   string // empty with Other
	operation Operation
}

// rpcOperations are the methods of the authentication service, by their name.
var rpcOperations = map[string]Operation{
	"Authenticate": Login, "Authenticate2": Login, "AuthenticateEx": Login, "AuthenticateEx2": Login, "AuthenticateBySecondFactor": Login,
	"RenewSession": Renewal, "RenewSession2": Renewal, "CloseSession": Revoke, "GetSessionInfo": Inspect,
}

// restOperations are those of the rpc dialect's REST routes.
var restOperations = map[string]Operation{
	"/authenticate": Login, "/authenticate_ex": Login, "/authenticate2": Login, "/authenticate_ex2": Login, "/authenticate_by_second_factor": Login,
	"/renew": Renewal, "/renew2": Renewal, "/close": Revoke, "/close_session": Revoke, "/session_info": Inspect,
}

// grpcRoute finds the route of a full method, as in "/package.Service/Method".
func grpcRoute(fullMethod string) route {
	service, method, _ := strings.Cut(strings.TrimPrefix(fullMethod, "/"), "/")
	switch service {
	case rpcpb.AuthenticationService_ServiceDesc.ServiceName:
		return rpcRoute(wire.RPCAuthService + "." + method)
	case rpcpb.DomainService_ServiceDesc.ServiceName:
		return route{wire.RPC, Resource}
	}
	return route{"", Other}
}

// rpcRoute finds the route of the method that an envelope names.
func rpcRoute(method string) route {
	if name, auth := strings.CutPrefix(method, wire.RPCAuthService+"."); auth {
		if operation, known := rpcOperations[name]; known {
			return route{wire.RPC, operation}
		}
	}
	return route{wire.RPC, Resource}
}

// httpRoute finds the route of a request over HTTP. rpcMethod is the method that
// its envelope names.
func httpRoute(r *http.Request, rpcMethod string) route {
	path := r.URL.Path
	switch {
	case r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "":
		return route{"", Other} // the question of a browser before its request
	case path == wire.RPCPath:
		return rpcRoute(rpcMethod)
	case path == wire.RPCProductVersionPath, path == wire.RPCCurrentUserPath:
		return route{wire.RPC, Inspect}
	case strings.HasPrefix(path, wire.RPCRESTPath):
		if operation, known := restOperations[strings.TrimPrefix(path, wire.RPCRESTPath)]; known {
			return route{wire.RPC, operation}
		}
		return route{wire.RPC, Resource}
	case path == wire.FormLoginPath, strings.HasPrefix(path, wire.FormLoginPath+"&"):
		return route{wire.Form, byMethod(r.Method, Login, Renewal)}
	case below(path, wire.FormItemsPath):
		return route{wire.Form, Resource}
	case path == wire.SessionTokensPath:
		return route{wire.Session, Renewal}
	case below(path, wire.SessionSessionsPath), below(path, wire.SessionSessionsPathIT):
		return route{wire.Session, byMethod(r.Method, Login, Resource)}
	case below(path, wire.SessionUsersPath), below(path, wire.SessionUsersPathIT):
		return route{wire.Session, Resource}
	case path == wire.ScopedPrefix+wire.ScopedAuthPath:
		return route{wire.Scoped, Login}
	case below(path, wire.ScopedPrefix+wire.ScopedTokensPath):
		return route{wire.Scoped, byMethod(r.Method, Issue, Resource)}
	case below(path, wire.ScopedPrefix):
		return route{wire.Scoped, Resource}
	}
	return route{"", Other}
}

// documented returns a request with the path that the dialects document, without the
// prefix that its dialect is served below.
func (s *Server) documented(r *http.Request) *http.Request {
	if len(s.prefixes) == 0 {
		return r
	}
	for _, dialect := range s.dialects {
		plain := prefix.Strip(r, s.prefixes[dialect])
		if plain != nil && httpRoute(plain, "").dialect == dialect {
			return plain
		}
	}
	none := *r
	none.URL = &url.URL{Path: "/", RawQuery: r.URL.RawQuery}
	return &none
}

// byMethod is the operation of a collection of tokens or sessions.
func byMethod(method string, post, put Operation) Operation {
	switch method {
	case http.MethodPost:
		return post
	case http.MethodPut:
		return put
	case http.MethodDelete:
		return Revoke
	case http.MethodGet, http.MethodHead:
		return Inspect
	}
	return Resource
}

// below says whether a path is a collection or something in it.
func below(path, collection string) bool {
	rest, found := strings.CutPrefix(path, collection)
	return found && (rest == "" || rest[0] == '/')
}

// query is that of a request, also of the form dialect's literal path
// /login&token=...
func query(u *url.URL) url.Values {
	if literal, found := strings.CutPrefix(u.EscapedPath(), wire.FormLoginPath+"&"); found && u.RawQuery == "" {
		values, _ := url.ParseQuery(literal)
		return values
	}
	values, _ := url.ParseQuery(u.RawQuery)
	return values
}
