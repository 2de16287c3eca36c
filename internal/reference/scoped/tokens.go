package scoped

import (
	"net/http"
	"slices"

	"github.com/julienschmidt/httprouter"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// tokenRequest describes the token to issue, with or without credentials. Absent
// and null are the same.
type tokenRequest struct {
	ExpiresIn *string  `json:"expiresIn"`
	Name      string   `json:"name"`
	Scopes    []string `json:"scopes"`
}

const (
	maxTokenName = 200
	maxScopes    = 100
	maxScope     = 256
	maxAllScopes = 8 << 10 // of one token, together
)

// request checks a token request. An empty list of scopes is rejected, because it
// can be read as "everything" and as "nothing".
func (h *handler) request(asked tokenRequest) (grant.ScopedRequest, error) {
	request := grant.ScopedRequest{Name: asked.Name, Scopes: asked.Scopes}
	if len(asked.Name) > maxTokenName {
		return request, httpio.BadRequest("name is longer than 200 bytes")
	}
	if asked.ExpiresIn != nil {
		life, err := h.ParseLife(*asked.ExpiresIn)
		if err != nil {
			return request, httpio.BadRequest(`expiresIn is a life like "30 minutes", "12 hours", "8 days" or "5 years"`)
		}
		request.Life = life
	}
	if asked.Scopes == nil {
		return request, nil
	}
	if len(asked.Scopes) == 0 || len(asked.Scopes) > maxScopes {
		return request, httpio.BadRequest("scopes is a list of 1 to 100 scopes; leave it out for all rights")
	}
	if slices.ContainsFunc(asked.Scopes, func(scope string) bool { return len(scope) > maxScope }) {
		return request, httpio.BadRequest("a scope is longer than 256 bytes")
	}
	if size(asked.Scopes) > maxAllScopes {
		return request, httpio.BadRequest("the scopes are longer than 8192 bytes together")
	}
	if err := h.Matcher.Check(asked.Scopes); err != nil {
		return request, httpio.BadRequest(err.Error())
	}
	return request, nil
}

// size is the length of all scopes together, in bytes.
func size(scopes []string) int {
	sum := 0
	for _, scope := range scopes {
		sum += len(scope)
	}
	return sum
}

func (h *handler) login(w http.ResponseWriter, r *http.Request, _ httprouter.Params, _ grant.Grant) error {
	var body struct {
		Username string `json:"username"`
		Login    string `json:"login"`
		Password string `json:"password"`
		tokenRequest
	}
	if err := httpio.JSON(r, &body); err != nil {
		return err
	}
	if body.Username == "" {
		body.Username = body.Login // as older clients name it
	}
	if body.Username == "" || body.Password == "" {
		return httpio.BadRequest("the body needs username and password")
	}
	request, err := h.request(body.tokenRequest)
	if err != nil {
		return err
	}
	attempt := account.Attempt{Dialect: wire.Scoped, Account: body.Username, Address: httpio.Address(r)}
	user, err := h.Accounts.Verify(r.Context(), attempt, body.Password)
	if err != nil {
		return err
	}
	token, err := h.Grants.IssueScoped(r.Context(), grant.Subject{Login: user.Login, Epoch: user.Epoch}, request)
	if err != nil {
		return err
	}
	httpio.WriteJSON(w, http.StatusOK, issued(token))
	return nil
}

func (h *handler) issueToken(w http.ResponseWriter, r *http.Request, _ httprouter.Params, caller grant.Grant) error {
	var asked tokenRequest
	if err := httpio.JSON(r, &asked); err != nil {
		return err
	}
	request, err := h.request(asked)
	if err != nil {
		return err
	}
	token, err := h.Grants.IssueFrom(r.Context(), caller, request)
	if err != nil {
		return err
	}
	httpio.WriteJSON(w, http.StatusOK, issued(token))
	return nil
}

func issued(token grant.ScopedToken) wire.ScopedToken {
	return wire.ScopedToken{
		ID: token.ID, Name: token.Name, IssuedAt: wire.Whole(token.IssuedAt.UnixMilli()), ExpiresAt: wire.Whole(token.ExpiresAt.UnixMilli()),
		User: wire.ScopedUser{Name: token.Login}, Scopes: token.Scopes, Token: token.Token,
	}
}

func (h *handler) listTokens(w http.ResponseWriter, r *http.Request, _ httprouter.Params, caller grant.Grant) error {
	idOf := func(g grant.Grant) string { return g.ID }
	grants, err := httpio.Page(w, r, idOf, func(after string, limit int) ([]grant.Grant, bool, error) {
		return h.Grants.ScopedTokens(r.Context(), caller.Login, after, limit)
	})
	if err != nil {
		return err
	}
	list := make([]wire.ScopedListed, len(grants))
	for i, g := range grants {
		list[i] = wire.ScopedListed{ID: g.ID, Name: g.Name, ExpiresAt: wire.Whole(g.ExpiresAt.UnixMilli()), Scopes: g.Scopes}
	}
	httpio.WriteJSON(w, http.StatusOK, list)
	return nil
}

func (h *handler) revokeToken(w http.ResponseWriter, r *http.Request, p httprouter.Params, caller grant.Grant) error {
	if err := h.Grants.RevokeScoped(r.Context(), caller.Login, p.ByName("id")); err != nil {
		return err
	}
	httpio.WriteJSON(w, http.StatusOK, done)
	return nil
}
