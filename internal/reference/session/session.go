package session

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/julienschmidt/httprouter"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// Config holds the parts of the routes; all but Audit are required.
type Config struct {
	Grants   *grant.Service
	Accounts *account.Directory
	Matcher  scope.Matcher
	Log      *slog.Logger
	// Audit receives the use of API keys; nil: nothing is recorded.
	Audit audit.Sink
}

type handler struct{ Config }

// localised lists the collections' paths, the English one first (SES-22).
var (
	sessionsPaths = []string{wire.SessionSessionsPath, wire.SessionSessionsPathIT}
	usersPaths    = []string{wire.SessionUsersPath, wire.SessionUsersPathIT}
)

func newHandler(cfg Config) *handler {
	cfg.Audit = cmp.Or[audit.Sink](cfg.Audit, audit.Sinks(nil))
	return &handler{cfg}
}

// Handler returns the dialect's routes. It is safe for concurrent use.
func Handler(cfg Config) http.Handler {
	h := newHandler(cfg)
	router := httpio.NewRouter(cfg.Log, fail)
	for _, path := range sessionsPaths {
		router.Handle(http.MethodPost, path, h.login)
		router.Handle(http.MethodGet, path, h.list)
		router.Handle(http.MethodGet, path+"/:id", h.show)
		router.Handle(http.MethodDelete, path+"/:id", h.end)
	}
	for _, path := range usersPaths {
		router.Handle(http.MethodGet, path, h.users)
		router.Handle(http.MethodGet, path+"/:id", h.user)
	}
	router.Handle(http.MethodPost, wire.SessionTokensPath, h.refresh)
	return router
}

// fail writes the dialect's answer to an error.
func fail(w http.ResponseWriter, r *http.Request, p httpio.Problem) {
	challenge := `Bearer realm="session"`
	if r.Header.Get("Authorization") != "" {
		challenge += `, error="invalid_token"`
	}
	p.WriteHeaders(w, challenge)
	answer(w, r, p.Status, map[string]string{"error_message": p.Reason})
}

// recased says whether the request wants the keys in another case.
func recased(r *http.Request) bool {
	return inflections[r.Header.Get(wire.SessionInflectionHeader)] != nil
}

// answer writes JSON with its keys in the case that the request wants.
func answer(w http.ResponseWriter, r *http.Request, status int, value any) {
	if recase := inflections[r.Header.Get(wire.SessionInflectionHeader)]; recase != nil {
		value = inflected(value, recase)
	}
	httpio.WriteJSON(w, status, value)
}

func (h *handler) login(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
	var body wire.SessionLogin
	if err := httpio.JSON(r, &body); err != nil {
		return err
	}
	email, password := body.Session.Email, body.Session.Password
	if email == "" || password == "" {
		return httpio.BadRequest(`the body needs {"session":{"email":...,"password":...}}`)
	}
	attempt := account.Attempt{Dialect: wire.Session, Account: email, Address: httpio.Address(r)}
	user, err := h.Accounts.Verify(r.Context(), attempt, password)
	if err != nil {
		return err
	}
	pair, err := h.Grants.OpenSession(r.Context(), grant.Subject{Login: user.Login, Epoch: user.Epoch}, grant.Client{Address: attempt.Address, Agent: r.UserAgent()})
	if err != nil {
		return err
	}
	answer(w, r, http.StatusOK, tokens(pair))
	return nil
}

func (h *handler) refresh(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
	bearer, found := httpio.Bearer(r)
	if !found {
		return httpio.ErrUnauthorized
	}
	var body wire.SessionRefresh
	if err := httpio.JSON(r, &body); err != nil {
		return err
	}
	if body.RefreshToken == "" {
		return httpio.BadRequest(`the body needs {"refresh_token":...}`)
	}
	pair, err := h.Grants.RefreshSession(r.Context(), body.RefreshToken, bearer)
	if err != nil {
		return err
	}
	answer(w, r, http.StatusOK, tokens(pair))
	return nil
}

func tokens(pair grant.Pair) wire.SessionTokens {
	return wire.SessionTokens{
		TokenType: wire.SessionTokenType, ExpiresIn: wire.Whole(pair.ExpiresIn.Seconds()),
		AccessToken: pair.Access, RefreshToken: pair.Refresh,
	}
}

// caller is the user that sends a request, with a bearer or an API key.
type caller struct {
	user account.User
	// permissions are those of the API key; a bearer has none.
	permissions scope.Rights
	byKey       bool
}

// caller checks the credentials. A bearer takes precedence over an API key.
func (h *handler) caller(r *http.Request) (caller, error) {
	token, found := httpio.Bearer(r)
	keys := r.Header.Values(wire.SessionAPIKeyHeader)
	switch {
	case found:
		g, err := h.Grants.CheckSession(r.Context(), token)
		if err != nil {
			return caller{}, err
		}
		user, err := h.Accounts.ByLogin(r.Context(), g.Login)
		return caller{user: user}, err
	case len(keys) == 1:
		user, permissions, err := h.Accounts.ByAPIKey(r.Context(), keys[0])
		h.recordKey(r, user, err)
		return caller{user: user, permissions: permissions, byKey: true}, err
	default:
		return caller{}, httpio.ErrUnauthorized
	}
}

// recordKey writes the use of an API key to the audit log, unless the store
// failed.
func (h *handler) recordKey(r *http.Request, owner account.User, err error) {
	event := audit.Event{Kind: audit.KeyUsed, Dialect: wire.Session, Login: owner.Login, Address: httpio.Address(r)}
	switch {
	case errors.Is(err, account.ErrUnknownKey):
		event.Kind = audit.KeyRefused
	case err != nil:
		return
	}
	h.Audit.Record(r.Context(), event)
}

// permitted says whether the permissions of an API key allow the request. A bearer
// has no permissions to check.
func (h *handler) permitted(c caller, r *http.Request) bool {
	return !c.byKey || c.permissions.Allow(h.Matcher, r.Method, english(r.URL.EscapedPath()))
}

// english returns the English form of a localised path, which rights and
// permissions use.
func english(path string) string {
	for _, names := range [][]string{sessionsPaths, usersPaths} {
		for _, name := range names[1:] {
			if rest, found := strings.CutPrefix(path, name); found && (rest == "" || rest[0] == '/') {
				return names[0] + rest
			}
		}
	}
	return path
}
