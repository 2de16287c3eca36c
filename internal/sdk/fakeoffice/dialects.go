package fakeoffice

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

func formLife(long bool) time.Duration {
	if long {
		return 30 * 24 * time.Hour
	}
	return 24 * time.Hour
}

func (o *Office) formLogin(w http.ResponseWriter, c call) {
	fields, err := url.ParseQuery(string(c.body))
	o.counts["login"]++
	if err != nil || fields.Get("login") != User || fields.Get("pass") != Password {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	answerForm(w, o.issue(c, nil, formLife(fields.Get("longtoken") == "true")))
}

func (o *Office) formExtend(w http.ResponseWriter, c call) {
	var in struct {
		Token     string
		LongToken bool
	}
	o.counts["renew"]++
	s := (*session)(nil)
	if json.Unmarshal(c.body, &in) == nil {
		s = o.live(c, in.Token)
	}
	if s == nil {
		http.Error(w, "no", http.StatusNotFound)
		return
	}
	s.ends = c.now.Add(formLife(in.LongToken))
	answerForm(w, s)
}

func (o *Office) formToken(w http.ResponseWriter, c call) {
	s := o.live(c, c.request.URL.Query().Get("token"))
	switch {
	case s == nil:
		http.Error(w, "no", http.StatusNotFound)
	case c.request.Method == http.MethodDelete:
		o.counts["revoke"]++
		s.ended = true
		w.WriteHeader(http.StatusNoContent)
	default:
		answerForm(w, s)
	}
}

func answerForm(w http.ResponseWriter, s *session) {
	answer(w, map[string]any{"token": s.access, "validTo": s.ends.UTC().Format(time.RFC3339), "user": User})
}

func (o *Office) scopedLogin(w http.ResponseWriter, c call) {
	var in struct{ Username, Password string }
	o.counts["login"]++
	if json.Unmarshal(c.body, &in) != nil || in.Username != User || in.Password != Password {
		http.Error(w, `{"success":false,"name":"RicError","code":"401"}`, http.StatusUnauthorized)
		return
	}
	s := o.issue(c, nil, 24*time.Hour)
	answer(w, map[string]any{
		"_id": s.id, "issuedAt": c.now.UnixMilli(), "expiresAt": s.ends.UnixMilli(),
		"user": map[string]string{"name": User}, "token": s.access,
	})
}

func (o *Office) scopedList(w http.ResponseWriter, c call) {
	if o.live(c, c.bearer()) == nil {
		http.Error(w, `{"success":false,"name":"RicError","code":"401"}`, http.StatusUnauthorized)
		return
	}
	list := []map[string]any{}
	for _, s := range o.sessions {
		if !s.ended {
			list = append(list, map[string]any{"_id": s.id, "expiresAt": s.ends.UnixMilli()})
		}
	}
	answer(w, list)
}

func (o *Office) scopedRevoke(w http.ResponseWriter, c call) {
	s := o.sessions[strings.TrimPrefix(c.request.URL.Path, "/api/v1/tokens/")]
	if s == nil || s.ended {
		http.Error(w, `{"success":false,"name":"RicError","code":"404"}`, http.StatusNotFound)
		return
	}
	o.counts["revoke"]++
	s.ended = true
	answer(w, map[string]bool{"success": true})
}

// rpcMethod finds what answers POST /grpc: the authentication service, and any other
// method as a resource.
func (o *Office) rpcMethod(body []byte) (found endpoint, isTokenEndpoint bool) {
	var in struct {
		Method string
		Data   rpcCredentials
	}
	if json.Unmarshal(body, &in) != nil {
		return func(w http.ResponseWriter, _ call) {
			http.Error(w, `{"errorMessage":"malformed","grpcErrorCode":3}`, http.StatusBadRequest)
		}, false
	}
	name, auth := strings.CutPrefix(in.Method, "axxonsoft.bl.auth.AuthenticationService.")
	if !auth {
		return o.resource, false
	}
	return func(w http.ResponseWriter, c call) { o.authentication(w, c, name, in.Data) }, true
}

type rpcCredentials struct {
	UserName string `json:"user_name"`
	Password string
}

func (o *Office) authentication(w http.ResponseWriter, c call, name string, data rpcCredentials) {
	s := o.live(c, c.bearer())
	switch user, password, _ := c.request.BasicAuth(); {
	case strings.HasPrefix(name, "AuthenticateEx"):
		o.counts["login"]++
		if user != User || password != Password || data.UserName != User || data.Password != Password {
			http.Error(w, `{"errorMessage":"no","grpcErrorCode":16}`, http.StatusUnauthorized)
			return
		}
		answerRPC(w, o.issue(c, nil, o.Life))
	case strings.HasPrefix(name, "RenewSession"):
		o.counts["renew"]++
		if s == nil {
			http.Error(w, `{"errorMessage":"no","grpcErrorCode":16}`, http.StatusUnauthorized)
			return
		}
		answerRPC(w, o.issue(c, s, o.Life))
	case name == "CloseSession" && s != nil:
		o.counts["revoke"]++
		s.ended = true
		answer(w, map[string]string{"error_code": "OK"})
	case name == "GetSessionInfo" && s != nil:
		answer(w, map[string]string{"login": User, "expires_at": s.ends.UTC().Format(time.RFC3339)})
	default:
		http.Error(w, `{"errorMessage":"no","grpcErrorCode":16}`, http.StatusUnauthorized)
	}
}

func answerRPC(w http.ResponseWriter, s *session) {
	answer(w, map[string]any{
		"token_name": "auth_token", "token_value": s.access, "expires_at": s.ends.UTC().Format("20060102T150405"),
		"is_unrestricted": true, "user_id": "328e3874-4a33-9dd1-29eb-44c37a44121c", "roles_ids": []string{}, "error_code": "AUTHENTICATE_CODE_OK",
	})
}
