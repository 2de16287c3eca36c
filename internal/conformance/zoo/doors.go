package zoo

import (
	"net/http"
	"slices"
	"strings"
)

// door is where a dialect logs in and renews and what it protects, for mistakes
// that are the same in every dialect.
type door struct {
	path            string // of the login
	undeclared      []string
	login           match
	renew, resource match
	token           string // the member that answers a token
	show            func(r *http.Request, token string)
	shown           func(r *http.Request) string
	renewed         func(r *http.Request) string // what a renewal renews
}

// doorOf is the door of a dialect.
func doorOf(dialect string) door {
	d := door{undeclared: []string{"PUT", "PATCH", "DELETE"}, show: setBearer, shown: bearer, renewed: bearer}
	switch dialect {
	case "session":
		d.path, d.token = "/sessions", "access_token"
		d.renew, d.resource = sessionRefresh, at("GET", "/users")
	case "form":
		d.path, d.token, d.undeclared = "/login", "token", []string{"PATCH"}
		d.renew, d.resource = formExtend, formResource
		d.show = func(r *http.Request, token string) { r.Header.Set("X-Auth-Bearer", token) }
		d.shown = func(r *http.Request) string { return r.Header.Get("X-Auth-Bearer") }
		d.renewed = func(r *http.Request) string { return sentText(r, "token") }
	case "rpc":
		d.path, d.token = "/grpc", "token_value"
		d.renew, d.resource = rpcCalls("RenewSession"), rpcCalls("GetVersion")
	case "scoped":
		d.path, d.token = "/api/v1/auth/token", "token"
		d.renew, d.resource = scopedIssue, at("GET", "/api/v1/objects")
	}
	d.login = at("POST", d.path)
	if dialect == "rpc" {
		d.login = rpcCalls("AuthenticateEx")
	}
	return d
}

// isThrottled says whether an answer is a throttle's, or the dialect's own code
// for a locked account.
func (d door) isThrottled(a *reply) bool {
	return a.Status == http.StatusTooManyRequests || strings.HasSuffix(a.member("error_code"), "USER_LOCKED")
}

// isUndeclared selects requests to the login path by methods that it does not
// offer.
func (d door) isUndeclared(r *http.Request) bool {
	return r.URL.Path == d.path && slices.Contains(d.undeclared, r.Method)
}
