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

func (o *Office) formLogin(w http.ResponseWriter, _ *http.Request, body []byte) {
	fields, err := url.ParseQuery(string(body))
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts["login"]++
	if err != nil || fields.Get("login") != User || fields.Get("pass") != Password {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	answerForm(w, o.issue(nil, formLife(fields.Get("longtoken") == "true")))
}

func (o *Office) formExtend(w http.ResponseWriter, _ *http.Request, body []byte) {
	var in struct {
		Token     string
		LongToken bool
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts["renew"]++
	s := (*session)(nil)
	if json.Unmarshal(body, &in) == nil {
		s = o.live(in.Token)
	}
	if s == nil {
		http.Error(w, "no", http.StatusNotFound)
		return
	}
	s.ends = time.Now().Add(formLife(in.LongToken))
	answerForm(w, s)
}

func (o *Office) formToken(w http.ResponseWriter, r *http.Request, _ []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.live(r.URL.Query().Get("token"))
	switch {
	case s == nil:
		http.Error(w, "no", http.StatusNotFound)
	case r.Method == http.MethodDelete:
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

func (o *Office) scopedLogin(w http.ResponseWriter, _ *http.Request, body []byte) {
	var in struct{ Username, Password string }
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts["login"]++
	if json.Unmarshal(body, &in) != nil || in.Username != User || in.Password != Password {
		http.Error(w, `{"success":false,"name":"RicError","code":"401"}`, http.StatusUnauthorized)
		return
	}
	s := o.issue(nil, 24*time.Hour)
	answer(w, map[string]any{
		"_id": s.id, "issuedAt": time.Now().UnixMilli(), "expiresAt": s.ends.UnixMilli(),
		"user": map[string]string{"name": User}, "token": s.access,
	})
}

func (o *Office) scopedList(w http.ResponseWriter, r *http.Request, _ []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if o.live(token) == nil {
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

func (o *Office) scopedRevoke(w http.ResponseWriter, r *http.Request, _ []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.sessions[strings.TrimPrefix(r.URL.Path, "/api/v1/tokens/")]
	if s == nil || s.ended {
		http.Error(w, `{"success":false,"name":"RicError","code":"404"}`, http.StatusNotFound)
		return
	}
	o.counts["revoke"]++
	s.ended = true
	answer(w, map[string]bool{"success": true})
}

// rpc serves POST /grpc: the authentication service, and any other method as a
// resource.
func (o *Office) rpc(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct {
		Method string
		Data   struct {
			UserName string `json:"user_name"`
			Password string
		}
	}
	if json.Unmarshal(body, &in) != nil {
		http.Error(w, `{"errorMessage":"malformed","grpcErrorCode":3}`, http.StatusBadRequest)
		return
	}
	name, auth := strings.CutPrefix(in.Method, "axxonsoft.bl.auth.AuthenticationService.")
	if !auth {
		o.resource(w, r, body)
		return
	}
	<-time.After(o.Delay)
	o.mu.Lock()
	defer o.mu.Unlock()
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s := o.live(token)
	switch user, password, _ := r.BasicAuth(); {
	case strings.HasPrefix(name, "AuthenticateEx"):
		o.counts["login"]++
		if user != User || password != Password || in.Data.UserName != User || in.Data.Password != Password {
			http.Error(w, `{"errorMessage":"no","grpcErrorCode":16}`, http.StatusUnauthorized)
			return
		}
		answerRPC(w, o.issue(nil, o.Life))
	case strings.HasPrefix(name, "RenewSession"):
		o.counts["renew"]++
		if s == nil {
			http.Error(w, `{"errorMessage":"no","grpcErrorCode":16}`, http.StatusUnauthorized)
			return
		}
		answerRPC(w, o.issue(s, o.Life))
	case name == "CloseSession" && s != nil:
		o.counts["revoke"]++
		s.ended = true
		answer(w, map[string]string{"error_code": "OK"})
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
