package reference_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// FuzzLoginBodies posts bodies to every endpoint that issues tokens: without the
// password there is no token, and never a server error.
func FuzzLoginBodies(f *testing.F) {
	const password = "correct-horse"
	server, err := reference.New(reference.Config{
		Accounts: []account.Account{{Login: "root", Email: "root@example.com", Password: password}},
		Hasher:   account.FastHasher{}, Throttle: account.Throttle{PerAccount: -1, PerAddress: -1}, RPCSigner: testSigner(),
	})
	if err != nil {
		f.Fatal(err)
	}
	for _, body := range []string{
		`{"session":{"email":"root@example.com","password":"x"}}`, "login=root&pass=x&longtoken=true", "login=root&pass=%", "login=a;pass=b",
		`{"username":"root","password":"x","expiresIn":"5 years","scopes":["GET /objects/:id"]}`, `{"username":{},"scopes":[[]]}`,
		`{"token":"x","longtoken":"true"}`, `{"refresh_token":"x"}`, `{"name":"x"}`, "", "{", "\x00", `{"session":{"email":"` + strings.Repeat("[", 500),
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if strings.Contains(body, password) {
			return
		}
		for _, target := range []string{"POST /sessions", "POST /tokens", "POST /login", "PUT /login", "POST /api/v1/auth/token", "POST /api/v1/tokens", "POST /grpc"} {
			method, path, _ := strings.Cut(target, " ")
			r := httptest.NewRequest(method, path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			server.Handler().ServeHTTP(w, r)
			if w.Code < http.StatusBadRequest || w.Code >= http.StatusInternalServerError || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s with %q answers %d %s", target, body, w.Code, w.Body)
			}
		}
	})
}
