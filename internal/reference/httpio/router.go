package httpio

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/julienschmidt/httprouter"
)

// errMethod says that the path has no such method.
var errMethod = errors.New("method not allowed")

// Route answers a request, or writes nothing and returns an error for [Classify].
type Route func(w http.ResponseWriter, r *http.Request, p httprouter.Params) error

// Router holds the routes of one dialect. It never redirects: a path in another
// letter case, or with a doubled or trailing slash, is another path.
type Router struct {
	mux  *httprouter.Router
	fail func(http.ResponseWriter, *http.Request, Problem)
	log  *slog.Logger
}

// NewRouter returns an empty router. fail writes the dialect's answer to an error,
// also for unknown paths (404) and methods (405, with Allow). log receives
// unexpected errors.
func NewRouter(log *slog.Logger, fail func(http.ResponseWriter, *http.Request, Problem)) *Router {
	mux := httprouter.New()
	mux.RedirectTrailingSlash = false
	mux.RedirectFixedPath = false
	router := &Router{mux: mux, fail: fail, log: log}
	mux.NotFound = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail(w, r, Classify(ErrNotFound))
	})
	mux.MethodNotAllowed = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		allowHead(w.Header())
		fail(w, r, Problem{Status: http.StatusMethodNotAllowed, Reason: errMethod.Error()})
	})
	mux.GlobalOPTIONS = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { allowHead(w.Header()) })
	return router
}

// allowHead adds HEAD to the methods that a path allows where GET is among them.
func allowHead(header http.Header) {
	header.Set("Allow", strings.Replace(header.Get("Allow"), http.MethodGet, "GET, HEAD", 1))
}

// Handle adds a route. The path may hold ":name" segments. A [StatusRecorder] that is
// passed to the router records the route.
func (r *Router) Handle(method, path string, route Route) {
	name := method + " " + path
	handle := func(w http.ResponseWriter, req *http.Request, p httprouter.Params) {
		if recorder, is := w.(*StatusRecorder); is {
			recorder.route = name
		}
		if err := route(w, req, p); err != nil {
			problem := Classify(err)
			if problem.Unexpected {
				r.log.ErrorContext(req.Context(), "request failed", "method", method, "route", path, "error", err)
			}
			r.fail(w, req, problem)
		}
	}
	r.mux.Handle(method, path, handle)
}

// ServeHTTP implements [http.Handler]. HEAD is served as GET (RFC 9110 section 9.3.2), by a
// request that says GET, so that rights and scopes see the same method.
func (r *Router) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method == http.MethodHead {
		get := *req
		get.Method = http.MethodGet
		req = &get
	}
	r.mux.ServeHTTP(w, req)
}
