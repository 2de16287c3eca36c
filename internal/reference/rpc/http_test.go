package rpc_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/rpc"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// FuzzEnvelope posts bodies with a live token: the answer is always JSON, never a
// server error, and holds no token.
func FuzzEnvelope(f *testing.F) {
	handler, token := served(f)
	for _, body := range []string{
		`{"method":"axxonsoft.bl.auth.AuthenticationService.AuthenticateEx","data":{"user_name":"root","password":"x"}}`,
		`{"method":"axxonsoft.bl.auth.AuthenticationService.AuthenticateEx","data":{"user_name":7}}`,
		`{"method":"axxonsoft.bl.domain.DomainService.ListCameras","data":{"page_size":"2"}}`,
		`{"method":"axxonsoft.bl.domain.DomainService.ListCameras","data":{"page_token":"` + "\x00" + `"}}`,
		`{"method":"axxonsoft.bl.domain.DomainService.GetVersion","data":null}`,
		`{"method":""}`, `{"method":[]}`, `{`, ``, `[]`, `{"method":"x","data":"y"}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if strings.Contains(body, "CloseSession") || strings.Contains(body, "RenewSession") {
			return // it would end the session of the other inputs
		}
		r := httptest.NewRequest(http.MethodPost, "/grpc", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code >= 500 || !json.Valid(w.Body.Bytes()) || strings.Contains(w.Body.String(), "eyJ") {
			t.Errorf("%q answers %d %s", body, w.Code, w.Body)
		}
	})
}

// served returns the dialect's handler and a live token.
func served(f *testing.F) (http.Handler, string) {
	f.Helper()
	records := memory.New()
	limiter, err := account.NewLimiter(account.Throttle{PerAccount: -1, PerAddress: -1}, records, clock.System{})
	if err != nil {
		f.Fatal(err)
	}
	accounts, err := account.NewDirectory(account.Config{
		Accounts: []account.Account{{Login: "root", Password: "correct-horse"}}, Hasher: account.FastHasher{}, Limiter: limiter,
	})
	if err != nil {
		f.Fatal(err)
	}
	signer, err := grant.HS256([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		f.Fatal(err)
	}
	grants, err := grant.New(grant.Config{Store: records, RPCSigner: signer})
	if err != nil {
		f.Fatal(err)
	}
	token, err := grants.OpenRPC(context.Background(), grant.Subject{Login: "root"})
	if err != nil {
		f.Fatal(err)
	}
	return rpc.New(rpc.Config{Grants: grants, Accounts: accounts, Log: slog.New(slog.DiscardHandler)}).Handler(), token.Token
}
