package rpc

import (
	"net/http"

	"github.com/julienschmidt/httprouter"

	"github.com/dragoman-auth/dragoman/internal/reference/backoffice"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// routeREST adds the routes that web clients use: the methods of the service, by
// path. Logins are anonymous (RPC-27); everything else wants the token (RPC-28).
func (s *Server) routeREST(router *httpio.Router) {
	for _, route := range []struct {
		verb, path string
		call       method
		anonymous  bool
	}{
		{http.MethodPost, "/authenticate2", shortLogin, true},
		{http.MethodPost, "/authenticate_ex2", login, true},
		{http.MethodGet, "/renew", renewal, false},
		{http.MethodGet, "/renew2", renewal, false},
		{http.MethodGet, "/close", closing, false},
		{http.MethodPost, "/close_session", closing, false},
	} {
		router.Handle(route.verb, wire.RPCRESTPath+route.path, func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
			return s.rest(w, r, route.call, route.anonymous)
		})
	}
	router.Handle(http.MethodGet, wire.RPCProductVersionPath, s.known(func(caller) any {
		return map[string]string{"version": backoffice.Version}
	}))
	router.Handle(http.MethodGet, wire.RPCCurrentUserPath, s.known(func(c caller) any {
		return map[string]string{"currentuser": c.login}
	}))
}

// rest calls a method with the body of the request as its data.
func (s *Server) rest(w http.ResponseWriter, r *http.Request, call method, anonymous bool) error {
	c := caller{address: httpio.Address(r)}
	var err error
	if !anonymous {
		if c, err = s.authenticateCaller(r); err != nil {
			return answerError(w, err)
		}
	}
	data, err := httpio.Body(r)
	if err != nil {
		return err
	}
	if anonymous && len(data) == 0 {
		return httpio.BadRequest("the body needs user_name and password")
	}
	body, err := call(withCaller(r.Context(), c), s, data)
	if err != nil {
		return answerError(w, err)
	}
	httpio.WriteBody(w, http.StatusOK, body)
	return nil
}

// known answers callers that are authenticated.
func (s *Server) known(answer func(caller) any) httpio.Route {
	return func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
		c, err := s.authenticateCaller(r)
		if err != nil {
			return answerError(w, err)
		}
		httpio.WriteJSON(w, http.StatusOK, answer(c))
		return nil
	}
}
