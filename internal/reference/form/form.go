package form

import (
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/julienschmidt/httprouter"

	"github.com/dragoman-auth/dragoman/internal/reference/backoffice"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// Config holds the parts of the routes; all are required.
type Config struct {
	Grants   *grant.Service
	Accounts *account.Directory
	Log      *slog.Logger
}

type handler struct{ Config }

// literalPath is the prefix of a path as the source document writes it once, with
// the query inside: /login&token=...
const literalPath = wire.FormLoginPath + "&"

// Handler returns the dialect's routes. It is safe for concurrent use.
func Handler(cfg Config) http.Handler {
	h := &handler{cfg}
	router := httpio.NewRouter(cfg.Log, fail)
	router.Handle(http.MethodPost, wire.FormLoginPath, h.login)
	router.Handle(http.MethodGet, wire.FormLoginPath, h.inspect)
	router.Handle(http.MethodPut, wire.FormLoginPath, h.extend)
	router.Handle(http.MethodDelete, wire.FormLoginPath, h.delete)
	router.Handle(http.MethodGet, wire.FormItemsPath, h.items)
	router.Handle(http.MethodGet, wire.FormItemsPath+"/:id", h.item)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if query, found := strings.CutPrefix(r.URL.EscapedPath(), literalPath); found && r.URL.RawQuery == "" {
			literal := *r
			literal.URL = &url.URL{Path: wire.FormLoginPath, RawQuery: query}
			r = &literal
		}
		router.ServeHTTP(w, r)
	})
}

// fail writes the dialect's answer to an error.
func fail(w http.ResponseWriter, _ *http.Request, p httpio.Problem) {
	p.WriteHeaders(w, wire.FormTokenHeader+` realm="form"`)
	httpio.WriteJSON(w, p.Status, map[string]any{"error": p.Reason, "code": p.Status})
}

// answer is the shape of a login; validTo is RFC 3339 in UTC, user the login.
type answer struct {
	Token   string `json:"token"`
	ValidTo string `json:"validTo"`
	User    string `json:"user"`
}

func write(w http.ResponseWriter, token, login string, validTo time.Time) {
	httpio.WriteJSON(w, http.StatusOK, answer{Token: token, ValidTo: validTo.UTC().Format(time.RFC3339), User: login})
}

func (h *handler) login(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
	fields, err := readForm(r)
	if err != nil {
		return err
	}
	long, err := readLong(fields.Get(wire.FormFieldLongToken))
	if err != nil {
		return err
	}
	login, password := fields.Get(wire.FormFieldLogin), fields.Get(wire.FormFieldPass)
	if login == "" || password == "" {
		return httpio.BadRequest("the form needs the fields login and pass")
	}
	attempt := account.Attempt{Dialect: wire.Form, Account: login, Address: httpio.Address(r)}
	user, err := h.Accounts.Verify(r.Context(), attempt, password)
	if err != nil {
		return err
	}
	token, err := h.Grants.IssueForm(r.Context(), grant.Subject{Login: user.Login, Epoch: user.Epoch}, long)
	if err != nil {
		return err
	}
	write(w, token.Token, token.Login, token.ValidTo)
	return nil
}

// readForm reads the body, and only the body: credentials in the query obtain no
// token (FRM-04, FRM-22, FRM-24).
func readForm(r *http.Request) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, &httpio.BadRequestError{
			Status: http.StatusUnsupportedMediaType,
			Reason: "a login is form data: send Content-Type application/x-www-form-urlencoded",
		}
	}
	body, err := httpio.Body(r)
	if err != nil {
		return nil, err
	}
	fields, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, httpio.BadRequest("the body is not form data")
	}
	for _, values := range fields {
		if len(values) > 1 {
			return nil, httpio.BadRequest("a field of the form is repeated")
		}
	}
	return fields, nil
}

// readLong reads longtoken; absent is the same as "false".
func readLong(text string) (bool, error) {
	switch text {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	default:
		return false, httpio.BadRequest("longtoken is true or false")
	}
}

func (h *handler) inspect(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
	token, err := queryToken(r)
	if err != nil {
		return err
	}
	g, err := h.Grants.CheckForm(r.Context(), token)
	if err != nil {
		return notFound(err)
	}
	write(w, token, g.Login, g.ExpiresAt)
	return nil
}

func (h *handler) extend(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
	var body struct {
		Token     string          `json:"token"`
		LongToken json.RawMessage `json:"longtoken"`
	}
	if err := httpio.JSON(r, &body); err != nil {
		return err
	}
	if body.Token == "" {
		return httpio.BadRequest(`the body needs {"token":...}`)
	}
	// The form has longtoken as text, JSON as a boolean: both are accepted.
	long, err := readLong(strings.Trim(strings.TrimPrefix(string(body.LongToken), "null"), `"`))
	if err != nil {
		return err
	}
	token, err := h.Grants.ExtendForm(r.Context(), body.Token, long)
	if err != nil {
		return notFound(err)
	}
	write(w, token.Token, token.Login, token.ValidTo)
	return nil
}

func (h *handler) delete(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
	token, err := queryToken(r)
	if err != nil {
		return err
	}
	if err := h.Grants.DeleteForm(r.Context(), token); err != nil {
		return notFound(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func queryToken(r *http.Request) (string, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	tokens := query[wire.FormFieldToken]
	if err != nil || len(tokens) != 1 || tokens[0] == "" {
		return "", httpio.BadRequest("the query needs token, once")
	}
	return tokens[0], nil
}

// notFound turns an invalid token into 404: below /login the token is the
// resource, not the credential (FRM-09, FRM-10, FRM-15).
func notFound(err error) error {
	if errors.Is(err, grant.ErrInvalid) {
		return grant.ErrNotFound
	}
	return err
}

// authorise checks the token. The dialect has no rights.
func (h *handler) authorise(r *http.Request) error {
	tokens := r.Header.Values(wire.FormTokenHeader)
	if len(tokens) != 1 {
		return httpio.ErrUnauthorized
	}
	_, err := h.Grants.CheckForm(r.Context(), tokens[0])
	return err
}

// catalogue is the same for all users.
var catalogue = sync.OnceValue(func() []byte { return httpio.Encode(backoffice.Items()) })

func (h *handler) items(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
	if err := h.authorise(r); err != nil {
		return err
	}
	httpio.WriteBody(w, http.StatusOK, catalogue())
	return nil
}

func (h *handler) item(w http.ResponseWriter, r *http.Request, p httprouter.Params) error {
	if err := h.authorise(r); err != nil {
		return err
	}
	for _, item := range backoffice.Items() {
		if strconv.Itoa(item.ID) == p.ByName("id") {
			httpio.WriteJSON(w, http.StatusOK, item)
			return nil
		}
	}
	return httpio.ErrNotFound
}
