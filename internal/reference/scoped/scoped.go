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

// Config is what the routes are made of; all of it is required.
type Config struct {
	Grants   *grant.Service
	Accounts *account.Directory
	Park     *backoffice.Park
	Matcher  scope.Matcher
	// ParseLife reads expiresIn.
	ParseLife func(words string) (time.Duration, error)
	Log       *slog.Logger
}

type handler struct {
	Config
	// methods is what scopes may name.
	methods   []string
	objects   httpio.Lists[backoffice.Object]
	geofences httpio.Lists[backoffice.Geofence]
}

// need is what a route asks of the token.
type need int

const (
	// nothing: the route is where tokens come from.
	nothing need = iota
	// aToken: the token's scopes must name the request, its owner needs no
	// right.
	aToken
	// aRight: the owner's rights must name the request too (SCP-33).
	aRight
)

// endpoint is a route that knows its caller, the zero grant where nothing is
// needed.
type endpoint func(w http.ResponseWriter, r *http.Request, p httprouter.Params, caller grant.Grant) error

type route struct {
	method, path string
	need         need
	serve        endpoint
}

func (h *handler) routes() []route {
	return []route{
		{http.MethodPost, wire.ScopedAuthPath, nothing, h.login},
		{http.MethodGet, wire.ScopedTokensPath, aToken, h.listTokens},
		{http.MethodPost, wire.ScopedTokensPath, aToken, h.issueToken},
		{http.MethodDelete, wire.ScopedTokensPath + "/:id", aToken, h.revokeToken},
		{http.MethodGet, wire.ScopedMethodsPath, aToken, h.listMethods},

		{http.MethodGet, wire.ScopedObjectsPath, aRight, h.listObjects},
		{http.MethodPost, wire.ScopedObjectsPath, aRight, h.addObject},
		{http.MethodGet, wire.ScopedObjectsPath + "/:id", aRight, h.showObject},
		{http.MethodPatch, wire.ScopedObjectsPath + "/:id", aRight, h.renameObject},
		{http.MethodDelete, wire.ScopedObjectsPath + "/:id", aRight, h.deleteObject},
		{http.MethodGet, wire.ScopedObjectsPath + "/:id/packets", aRight, h.listPackets},
		{http.MethodPost, wire.ScopedObjectsPath + "/:id/commands/:command", aRight, h.sendCommand},

		{http.MethodGet, "/geofences", aRight, h.listGeofences},
		{http.MethodPost, "/geofences", aRight, h.addGeofence},
		{http.MethodGet, "/geofences/:id", aRight, h.showGeofence},
		{http.MethodDelete, "/geofences/:id", aRight, h.deleteGeofence},
	}
}

// Handler returns the dialect's routes. It is safe for concurrent use.
func Handler(cfg Config) http.Handler {
	h := &handler{Config: cfg}
	router := httpio.NewRouter(cfg.Log, fail)
	for _, route := range h.routes() {
		if route.need != nothing {
			h.methods = append(h.methods, route.method+" "+route.path)
		}
		router.Handle(route.method, wire.ScopedPrefix+route.path, h.guarded(route))
	}
	return router
}

// guarded lets a request through to its endpoint when token, scopes and rights
// allow it.
func (h *handler) guarded(route route) httpio.Route {
	return func(w http.ResponseWriter, r *http.Request, p httprouter.Params) error {
		if route.need == nothing {
			return route.serve(w, r, p, grant.Grant{})
		}
		token, found := httpio.Bearer(r)
		if !found {
			return httpio.ErrUnauthorized
		}
		caller, err := h.Grants.CheckScoped(r.Context(), token)
		if err != nil {
			return err
		}
		user, err := h.Accounts.ByLogin(r.Context(), caller.Login)
		if err != nil {
			return err
		}
		path := r.URL.EscapedPath()
		if caller.Scopes != nil && !h.Matcher.Allows(caller.Scopes, r.Method, path) {
			return httpio.ErrForbidden
		}
		// Rights are written without the prefix, like scopes.
		if route.need == aRight && !h.Accounts.May(user, r.Method, strings.TrimPrefix(path, wire.ScopedPrefix)) {
			return httpio.ErrForbidden
		}
		return route.serve(w, r, p, caller)
	}
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

// done is the body of an answer that has nothing else to say.
var done = map[string]bool{"success": true}

func (h *handler) listMethods(w http.ResponseWriter, _ *http.Request, _ httprouter.Params, _ grant.Grant) error {
	httpio.WriteJSON(w, http.StatusOK, h.methods)
	return nil
}
