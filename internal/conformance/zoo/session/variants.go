package session

import (
	"net/http"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// Variants differ in the session dialect.
func Variants() []mutation.Variant {
	only := []string{"session"}
	return []mutation.Variant{
		{
			Name: "session-short-tokens", Dialects: only,
			Differs: "Tokens are short and opaque, without an envelope.",
			Change:  func(s *mutation.Server) { s.RenameTokens(tokens, func() string { return mutation.RandomText(26) }) },
		},
		{
			Name: "session-long-tokens", Dialects: only,
			Differs: "Tokens have two thousand characters.",
			Change:  func(s *mutation.Server) { s.RenameTokens(tokens, func() string { return mutation.RandomText(2000) }) },
		},
		{
			Name: "session-token-symbols", Dialects: only,
			Differs: "Tokens hold every character that a bearer may hold.",
			Change: func(s *mutation.Server) {
				s.RenameTokens(tokens, func() string { return "-._~+/" + mutation.RandomText(40) + "==" })
			},
		},
		{
			Name: "session-other-life", Dialects: only,
			Differs: "Access tokens live for five minutes, as declared.",
			Change: func(s *mutation.Server) {
				s.Lifetimes.SessionAccess = 5 * time.Minute
				s.Manifest.Dialects.Session.TokenLife = 5 * time.Minute
			},
		},
		{
			Name: "session-strict-rotation", Dialects: only,
			Differs: "A used refresh token is rejected at once, and what ends the session is only its use after the successor's.",
			Change: func(s *mutation.Server) {
				f := watchFamilies(s)
				s.Instead(func(r *http.Request) (used bool) {
					token := mutation.SentText(r, "refresh_token")
					f.with(token, func(known *family) {
						used = known != nil && refresh(r) && known.isRefresh(token) && token != known.newestRefresh() && !known.isReplay(token)
					})
					return used
				}, mutation.Answer(http.StatusConflict, map[string]string{"error_message": "this token was used"}))
			},
		},
		{
			Name: "session-refresh-ends-access", Dialects: only,
			Differs: "A refresh ends the access token before it.",
			Change: func(s *mutation.Server) {
				f := watchFamilies(s)
				s.Instead(func(r *http.Request) (old bool) {
					f.with(mutation.Bearer(r), func(known *family) {
						old = known != nil && !refresh(r) && mutation.Bearer(r) != known.newestAccess()
					})
					return old
				}, mutation.Answer(http.StatusUnauthorized, map[string]string{"error_message": "there is a newer token"}))
			},
		},
		{
			Name: "session-other-list", Dialects: only,
			Differs: "Sessions are shown inside an object, under other names, and ended by a POST.",
			Change:  otherSessionList,
		},
		{
			Name: "session-other-languages", Dialects: only,
			Differs: "Paths are localised to German and French.",
			Change: func(s *mutation.Server) {
				s.Manifest.Dialects.Session.Locales = []manifest.Locale{
					{Name: "German", Login: "/sitzungen", Protected: "/benutzer"},
					{Name: "French", Login: "/séances", Protected: "/utilisateurs"},
				}
				s.RenamePaths(map[string]string{"/sitzungen": "/sessions", "/séances": "/sessions", "/benutzer": "/users", "/utilisateurs": "/users"})
			},
		},
		{
			Name: "session-locked-code", Dialects: only,
			Differs: "An account under guessing is locked, with 423.",
			Change:  mutation.ChangesStatus(login, http.StatusTooManyRequests, http.StatusLocked),
		},
	}
}

// otherSessionList shows sessions in another shape, as the manifest says.
func otherSessionList(s *mutation.Server) {
	s.Manifest.Dialects.Session.SessionsAPI = &manifest.SessionsAPI{
		List: "/account/devices", Item: "/account/devices/{id}", ID: "ref", IP: "network.address", Device: "client", User: "owner",
		End: manifest.Endpoint{Method: http.MethodPost, Path: "/account/devices/{id}/logout"},
	}
	s.OnRequest(mutation.All, func(r *http.Request) {
		below, found := strings.CutPrefix(r.URL.Path, "/account/devices")
		if !found {
			return
		}
		at := *r.URL
		if id, ends := strings.CutSuffix(below, "/logout"); ends && r.Method == http.MethodPost {
			r.Method, below = http.MethodDelete, id
		}
		at.Path = "/sessions" + below
		r.URL = &at
	})
	s.OnAnswer(mutation.At("GET", "/account/devices"), func(a *mutation.Reply) {
		entries := a.Entries()
		if !a.OK() || entries == nil {
			return
		}
		var devices []any
		for _, entry := range entries {
			devices = append(devices, map[string]any{
				"ref": entry["id"], "client": entry["user_agent"], "owner": map[string]any{"mail": entry["user"]},
				"network": map[string]any{"address": entry["ip_address"]},
			})
		}
		a.Write(map[string]any{"devices": devices, "count": len(devices)})
	})
}
