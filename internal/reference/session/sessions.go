package session

import (
	"net/http"

	"github.com/julienschmidt/httprouter"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// owner is the caller of a request about the caller's own sessions. It needs no
// right, but an API key needs the permission.
func (h *handler) owner(r *http.Request) (account.User, error) {
	c, err := h.caller(r)
	if err != nil {
		return account.User{}, err
	}
	if !h.permitted(c, r) {
		return account.User{}, httpio.ErrForbidden
	}
	return c.user, nil
}

func (h *handler) list(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
	user, err := h.owner(r)
	if err != nil {
		return err
	}
	grants, err := httpio.Page(w, r, idOf, func(after string, limit int) ([]grant.Grant, bool, error) {
		return h.Grants.Sessions(r.Context(), user.Login, after, limit)
	})
	if err != nil {
		return err
	}
	infos := make([]wire.SessionInfo, len(grants))
	for i, g := range grants {
		infos[i] = info(user, g)
	}
	answer(w, r, http.StatusOK, infos)
	return nil
}

func idOf(g grant.Grant) string { return g.ID }

func (h *handler) show(w http.ResponseWriter, r *http.Request, p httprouter.Params) error {
	user, err := h.owner(r)
	if err != nil {
		return err
	}
	g, err := h.Grants.Session(r.Context(), user.Login, p.ByName("id"))
	if err != nil {
		return err
	}
	answer(w, r, http.StatusOK, info(user, g))
	return nil
}

func (h *handler) end(w http.ResponseWriter, r *http.Request, p httprouter.Params) error {
	user, err := h.owner(r)
	if err != nil {
		return err
	}
	if err := h.Grants.EndSession(r.Context(), user.Login, p.ByName("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func info(user account.User, g grant.Grant) wire.SessionInfo {
	return wire.SessionInfo{
		ID: g.ID, IPAddress: g.Address, UserAgent: g.Agent, User: user.Email, CreatedAt: g.IssuedAt,
	}
}
