package scoped

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/julienschmidt/httprouter"

	"github.com/dragoman-auth/dragoman/internal/reference/backoffice"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// Config holds the parts of the routes; all are required.
type Config struct {
	Grants    *grant.Service
	Accounts  *account.Directory
	Inventory *backoffice.Inventory
	Matcher   scope.Matcher
	// ParseLife reads expiresIn.
	ParseLife func(words string) (time.Duration, error)
	Log       *slog.Logger
}

type handler struct {
	Config
	// methods are those that scopes may name.
	methods []string
}

// access says what a route requires.
type access int

const (
	// public: nothing; the route issues tokens for credentials.
	public access = iota
	// withToken: a token whose scopes allow the request. Its owner needs no
	// right.
	withToken
	// withRight: a token as before, and rights of its owner that allow the
	// request too (SCP-33).
	withRight
)

// endpoint answers a request. caller is the zero grant on a public route.
type endpoint func(w http.ResponseWriter, r *http.Request, p httprouter.Params, caller grant.Grant) error

type route struct {
	method, path string
	access       access
	serve        endpoint
}

func (h *handler) routes() []route {
	return []route{
		{http.MethodPost, wire.ScopedAuthPath, public, h.login},
		{http.MethodGet, wire.ScopedTokensPath, withToken, h.listTokens},
		{http.MethodPost, wire.ScopedTokensPath, withToken, h.issueToken},
		{http.MethodDelete, wire.ScopedTokensPath + "/:id", withToken, h.revokeToken},
		{http.MethodGet, wire.ScopedMethodsPath, withToken, h.listMethods},

		{http.MethodGet, wire.ScopedObjectsPath, withRight, h.listObjects},
		{http.MethodPost, wire.ScopedObjectsPath, withRight, h.addObject},
		{http.MethodGet, wire.ScopedObjectsPath + "/:id", withRight, h.showObject},
		{http.MethodPatch, wire.ScopedObjectsPath + "/:id", withRight, h.renameObject},
		{http.MethodDelete, wire.ScopedObjectsPath + "/:id", withRight, h.deleteObject},
		{http.MethodGet, wire.ScopedObjectsPath + "/:id/packets", withRight, h.listPackets},
		{http.MethodPost, wire.ScopedObjectsPath + "/:id/commands/:command", withRight, h.sendCommand},

		{http.MethodGet, "/geofences", withRight, h.listGeofences},
		{http.MethodPost, "/geofences", withRight, h.addGeofence},
		{http.MethodGet, "/geofences/:id", withRight, h.showGeofence},
		{http.MethodDelete, "/geofences/:id", withRight, h.deleteGeofence},
	}
}

// Handler returns the dialect's routes. It is safe for concurrent use.
func Handler(cfg Config) http.Handler {
	h := &handler{Config: cfg}
	router := httpio.NewRouter(cfg.Log, fail)
	for _, route := range h.routes() {
		if route.access != public {
			h.methods = append(h.methods, route.method+" "+route.path)
		}
		router.Handle(route.method, wire.ScopedPrefix+route.path, h.guarded(route))
	}
	return router
}

// guarded calls the endpoint of a route when token, scopes and rights allow the
// request.
func (h *handler) guarded(route route) httpio.Route {
	return func(w http.ResponseWriter, r *http.Request, p httprouter.Params) error {
		caller, err := h.authorise(r, route.access)
		if err != nil {
			return err
		}
		return route.serve(w, r, p, caller)
	}
}

// authorise returns the grant of the token when that, its scopes and the rights of
// its owner allow the request.
func (h *handler) authorise(r *http.Request, needed access) (grant.Grant, error) {
	if needed == public {
		return grant.Grant{}, nil
	}
	token, found := httpio.Bearer(r)
	if !found {
		return grant.Grant{}, httpio.ErrUnauthorized
	}
	caller, err := h.Grants.CheckScoped(r.Context(), token)
	if err != nil {
		return grant.Grant{}, err
	}
	user, err := h.Accounts.ByLogin(r.Context(), caller.Login)
	if err != nil {
		return grant.Grant{}, err
	}
	path := r.URL.EscapedPath()
	if caller.Scopes != nil && !h.Matcher.Allows(caller.Scopes, r.Method, path) {
		return grant.Grant{}, httpio.ErrForbidden
	}
	// Rights are written without the prefix, like scopes.
	if needed == withRight && !h.Accounts.May(user, r.Method, strings.TrimPrefix(path, wire.ScopedPrefix)) {
		return grant.Grant{}, httpio.ErrForbidden
	}
	return caller, nil
}

// fail writes the dialect's answer to an error, in the vendor's shape.
func fail(w http.ResponseWriter, r *http.Request, p httpio.Problem) {
	challenge := `Bearer realm="scoped"`
	if r.Header.Get("Authorization") != "" {
		challenge += `, error="invalid_token"`
	}
	p.WriteHeaders(w, challenge)
	httpio.WriteJSON(w, p.Status, wire.ScopedError{
		Name: "RicError", Code: strconv.Itoa(p.Status), Message: p.Reason, Tags: []string{}, Codes: []string{},
	})
}

// done is the body of an answer without other content.
var done = map[string]bool{"success": true}

func (h *handler) listMethods(w http.ResponseWriter, _ *http.Request, _ httprouter.Params, _ grant.Grant) error {
	httpio.WriteJSON(w, http.StatusOK, h.methods)
	return nil
}
