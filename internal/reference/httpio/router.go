package httpio

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/julienschmidt/httprouter"
)

// errMethod says that the path exists and the method does not.
var errMethod = errors.New("this method is not offered here")

// Route answers a request, or returns an error for [Classify] before it has
// written anything.
type Route func(w http.ResponseWriter, r *http.Request, p httprouter.Params) error

// Router is a table of routes of one dialect. It redirects nothing: another
// letter case, a doubled or a trailing slash is another path.
type Router struct {
	mux  *httprouter.Router
	fail func(http.ResponseWriter, *http.Request, Problem)
	log  *slog.Logger
}

// NewRouter returns an empty router. fail writes the dialect's answer to an
// error; unknown paths (404) and methods (405, with Allow) come to it too. log
// hears of unexpected errors.
func NewRouter(log *slog.Logger, fail func(http.ResponseWriter, *http.Request, Problem)) *Router {
	mux := httprouter.New()
	mux.RedirectTrailingSlash = false
	mux.RedirectFixedPath = false
	router := &Router{mux: mux, fail: fail, log: log}
	mux.NotFound = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail(w, r, Classify(ErrNotFound))
	})
	mux.MethodNotAllowed = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail(w, r, Problem{Status: http.StatusMethodNotAllowed, Reason: errMethod.Error()})
	})
	return router
}

// Noting is an [http.ResponseWriter] that wants to know which route answers.
type Noting interface {
	// NoteRoute is told the method and the path of the route as they were given
	// to [Router.Handle].
	NoteRoute(method, path string)
}

// Handle adds a route. The path may hold ":name" segments.
func (r *Router) Handle(method, path string, route Route) {
	r.mux.Handle(method, path, func(w http.ResponseWriter, req *http.Request, p httprouter.Params) {
		if noting, is := w.(Noting); is {
			noting.NoteRoute(method, path)
		}
		if err := route(w, req, p); err != nil {
			problem := Classify(err)
			if problem.Unexpected {
				r.log.ErrorContext(req.Context(), "request failed", "method", method, "route", path, "error", err)
			}
			r.fail(w, req, problem)
		}
	})
}

// ServeHTTP implements [http.Handler].
func (r *Router) ServeHTTP(w http.ResponseWriter, req *http.Request) { r.mux.ServeHTTP(w, req) }
