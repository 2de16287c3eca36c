package mockserver_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// TestOwnRoutes asks for a route of the test with the token of each dialect, without
// one, and with a token that has ended.
func TestOwnRoutes(t *testing.T) {
	t.Parallel()
	header := func(dialect, token string) string {
		if dialect == "form" {
			return "X-Auth-Bearer: " + token
		}
		return "Authorization: Bearer " + token
	}
	for _, dialects := range [][]string{{"session"}, {"form"}, {"rpc"}, {"scoped"}, {"session", "form", "rpc", "scoped"}} {
		mock := mockserver.New(t, mockserver.WithDialects(dialects...))
		mock.Handle("GET /orders/{id}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "order ", r.PathValue("id"))
		}))
		for _, dialect := range dialects {
			token := issue(t, mock, dialect).Access
			if a := ask(t, mock.Client(), mock, http.MethodGet, "/orders/7", "", header(dialect, token)); a.status != 200 || a.body != "order 7" {
				t.Errorf("%v, token of %s: %+v", dialects, dialect, a)
			}
			if a := ask(t, mock.Client(), mock, http.MethodGet, "/orders/7", "", header(dialect, "x"+token)); a.status != 401 || a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%v, garbled token of %s: %+v", dialects, dialect, a)
			}
			inject(t, mock, mockserver.Fault{Effect: mockserver.Reject, Operation: mockserver.Resource, Times: 1})
			if a := ask(t, mock.Client(), mock, http.MethodGet, "/orders/7", "", header(dialect, token)); a.status != 401 {
				t.Errorf("%v, token of %s with a fault: %+v", dialects, dialect, a)
			}
			if err := mock.Revoke(token); err != nil {
				t.Error(err)
			}
			if a := ask(t, mock.Client(), mock, http.MethodGet, "/orders/7", "", header(dialect, token)); a.status != 401 {
				t.Errorf("%v, revoked token of %s: %+v", dialects, dialect, a)
			}
		}
		if a := ask(t, mock.Client(), mock, http.MethodGet, "/orders/7", ""); a.status != 401 {
			t.Errorf("%v, no token: %+v", dialects, a)
		}
		for _, r := range mock.Requests() {
			if r.Operation != mockserver.Resource || r.Path != "/orders/7" {
				t.Errorf("the journal holds %+v", r)
			}
		}
	}
}

// TestOwnRoutesInScope asks for a route with tokens whose scopes name it, and do not.
func TestOwnRoutesInScope(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("scoped"))
	mock.Handle("/api/v1/orders/", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for scope, want := range map[string]int{"GET /orders/:id": 200, "GET /objects": 403} {
		body := `{"username":"root","password":"root","scopes":["` + scope + `"]}`
		token := tokenOf(t, ask(t, mock.Client(), mock, http.MethodPost, "/api/v1/auth/token", body).body)
		if a := ask(t, mock.Client(), mock, http.MethodGet, "/api/v1/orders/1", "", "Authorization: Bearer "+token); a.status != want {
			t.Errorf("scope %s: %+v, want %d", scope, a, want)
		}
	}
}

// TestOwnRoutesMayStream reads the first part of an answer before the second is
// written.
func TestOwnRoutesMayStream(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("form"))
	read := make(chan bool)
	mock.Handle("GET /events", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "one")
		_ = http.NewResponseController(w).Flush()
		<-read
		_, _ = io.WriteString(w, "two")
	}))
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, mock.URL+"/events", http.NoBody)
	req.Header.Set("X-Auth-Bearer", issue(t, mock, "form").Access)
	resp, err := mock.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	part := make([]byte, 3)
	if _, err := io.ReadFull(resp.Body, part); err != nil || string(part) != "one" {
		t.Errorf("the first part is %q (%v)", part, err)
	}
	close(read)
	if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != "two" {
		t.Errorf("the rest is %q (%v)", rest, err)
	}
}

// TestOwnRoutesMayChangeTheirRequest: the journal has it as it came, also where the handler
// goes on while the journal is read.
func TestOwnRoutesMayChangeTheirRequest(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	read := make(chan struct{})
	mock.Handle("GET /orders", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		for {
			r.Header.Set("X-Later", "yes")
			w.Header().Set("X-Later", "yes")
			select {
			case <-read:
				return
			default:
			}
		}
	}))
	token := issue(t, mock, "session").Access
	answered := make(chan answer, 1)
	go func() {
		answered <- ask(t, mock.Client(), mock, http.MethodGet, "/orders", "", "Authorization: Bearer "+token)
	}()
	if err := mock.WaitFor(t.Context(), mockserver.Resource, 1); err != nil {
		t.Fatal(err)
	}
	got := mock.Requests()[0]
	close(read)
	if later := got.RequestHeader.Get("X-Later") + got.ResponseHeader.Get("X-Later"); later != "" || got.Status != http.StatusOK {
		t.Errorf("the journal has %+v", got)
	}
	if a := <-answered; a.err != nil {
		t.Error(a.err)
	}
}
