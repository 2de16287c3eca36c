package rpc

import (
	"net/http"
	"strings"

	"github.com/julienschmidt/httprouter"

	"github.com/dragoman-auth/dragoman/internal/reference/backoffice"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// routeREST adds the routes that web clients use: the methods of the service, by
// path. Logins are anonymous (RPC-27); everything else wants the token (RPC-28).
func (s *Server) routeREST(router *httpio.Router) {
	for _, route := range []struct {
		verb, path string
		call       method
		anonymous  bool
		body       bool // it cannot be left out
	}{
		{http.MethodPost, "/authenticate2", shortLogin, true, true},
		{http.MethodPost, "/authenticate_ex2", login, true, true},
		{http.MethodGet, "/renew", renewal, false, false},
		{http.MethodGet, "/renew2", renewal, false, false},
		{http.MethodGet, "/close", closing, false, false},
		{http.MethodPost, "/close_session", closing, false, false},
		{http.MethodPost, "/approve", approval, false, true},
		{http.MethodPost, "/decline", refusal, false, true},
	} {
		router.Handle(route.verb, wire.RPCRESTPath+route.path, func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
			return s.rest(w, r, route.call, route.anonymous, route.body)
		})
	}
	router.Handle(http.MethodGet, wire.RPCProductVersionPath, s.known(func(caller) any {
		return map[string]string{"version": backoffice.Version}
	}))
	router.Handle(http.MethodGet, wire.RPCCurrentUserPath, s.known(func(c caller) any {
		return map[string]string{"currentuser": c.login}
	}))
}

// customVerbs serves the two routes whose path ends with a colon and a verb, which a
// router takes for a parameter, under the paths that have a slash there.
func customVerbs(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if verb, found := strings.CutPrefix(r.URL.Path, wire.RPCRESTPath+":"); found && (verb == "approve" || verb == "decline") {
			r = r.Clone(r.Context())
			r.URL.Path, r.URL.RawPath = wire.RPCRESTPath+"/"+verb, ""
		}
		next.ServeHTTP(w, r)
	})
}

// rest calls a method with the body of the request as its data.
func (s *Server) rest(w http.ResponseWriter, r *http.Request, call method, anonymous, needsBody bool) error {
	c := caller{address: httpio.Address(r)}
	var err error
	if !anonymous {
		if c, err = s.proven(r); err != nil {
			return answerError(w, err)
		}
	}
	data, err := httpio.Body(r)
	if err != nil {
		return err
	}
	if needsBody && len(data) == 0 {
		return httpio.BadRequest("the body is missing")
	}
	body, err := call(withCaller(r.Context(), c), s, data)
	if err != nil {
		return answerError(w, err)
	}
	httpio.WriteBody(w, http.StatusOK, body)
	return nil
}

// proven is [Server.authenticateCaller] without the logins whose second factor is
// not known.
func (s *Server) proven(r *http.Request) (caller, error) {
	c, err := s.authenticateCaller(r)
	if err == nil && c.unproven {
		err = account.ErrSecondFactor
	}
	return c, err
}

// known answers callers that are authenticated.
func (s *Server) known(answer func(caller) any) httpio.Route {
	return func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
		c, err := s.proven(r)
		if err != nil {
			return answerError(w, err)
		}
		httpio.WriteJSON(w, http.StatusOK, answer(c))
		return nil
	}
}
