package session

import (
	"net/http"

	"github.com/julienschmidt/httprouter"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// listedUser is one entry of the protected collection.
type listedUser struct {
	ID       string `json:"id"`
	Email    string `json:"email"`
	FullName string `json:"full_name"`
}

// authorise checks that the caller may read the path (SES-07, SES-21).
func (h *handler) authorise(r *http.Request) error {
	c, err := h.caller(r)
	if err != nil {
		return err
	}
	if !h.permitted(c, r) || !h.Accounts.May(c.user, r.Method, english(r.URL.EscapedPath())) {
		return httpio.ErrForbidden
	}
	return nil
}

func (h *handler) users(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
	if err := h.authorise(r); err != nil {
		return err
	}
	users, err := h.Accounts.Users(r.Context())
	if err != nil {
		return err
	}
	if recased(r) {
		answer(w, r, http.StatusOK, allListed(users.Items))
		return nil
	}
	httpio.WriteBody(w, http.StatusOK, users.JSON(encodeUsers))
	return nil
}

func encodeUsers(users []account.User) []byte { return httpio.Encode(allListed(users)) }

func allListed(users []account.User) []listedUser {
	list := make([]listedUser, len(users))
	for i, user := range users {
		list[i] = listed(user)
	}
	return list
}

func (h *handler) user(w http.ResponseWriter, r *http.Request, p httprouter.Params) error {
	if err := h.authorise(r); err != nil {
		return err
	}
	users, err := h.Accounts.Users(r.Context())
	if err != nil {
		return err
	}
	for _, user := range users.Items {
		if user.ID == p.ByName("id") {
			answer(w, r, http.StatusOK, listed(user))
			return nil
		}
	}
	return httpio.ErrNotFound
}

func listed(user account.User) listedUser {
	return listedUser{ID: user.ID, Email: user.Email, FullName: user.Name}
}
