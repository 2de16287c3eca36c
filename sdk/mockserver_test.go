package sdk_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/mockserver"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
	"github.com/dragoman-auth/dragoman/sdk/grpcauth"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// These tests run the client against the reference server, over real HTTP and
// gRPC.

var rootPassword = sdk.NewSecret("root")

func clientOf(t *testing.T, mock *mockserver.Server, dialect sdk.Dialect) *sdk.Client {
	t.Helper()
	client, err := sdk.New(mock.URL, dialect)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return client
}

func mustGet(t *testing.T, client *sdk.Client, path string) {
	t.Helper()
	response, err := client.R(t.Context()).Get(path)
	if err != nil || response.StatusCode() != http.StatusOK {
		t.Fatalf("GET %s: %v, %v", path, response.Status(), err)
	}
}

// manyGet opens a path from many goroutines at once.
func manyGet(t *testing.T, client *sdk.Client, path string) {
	t.Helper()
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			response, err := client.R(t.Context()).Get(path)
			if err != nil || response.StatusCode() != http.StatusOK {
				t.Errorf("GET %s: %v, %v", path, response.Status(), err)
			}
		})
	}
	group.Wait()
}

func TestSessionAgainstTheReference(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	client := clientOf(t, mock, session.Password("root@example.com", rootPassword))
	manyGet(t, client, wire.SessionUsersPath)
	mock.Advance(11 * time.Minute)
	manyGet(t, client, wire.SessionUsersPath)
	mock.Advance(365 * 24 * time.Hour) // the refresh token has ended, too
	manyGet(t, client, wire.SessionUsersPath)

	sessions := session.Of(client)
	list, err := sessions.List(t.Context())
	if err != nil || len(list) == 0 {
		t.Fatalf("got %v, %v", list, err)
	}
	own := list[len(list)-1]
	if own.ID == "" || own.IPAddress == "" || own.UserAgent != "dragoman" || own.User == "" {
		t.Errorf("a session without its attributes: %+v", own)
	}
	if one, err := sessions.Get(t.Context(), own.ID); err != nil || one.ID != own.ID {
		t.Errorf("got %v, %v", one, err)
	}
	if err := sessions.End(t.Context(), own.ID); err != nil {
		t.Errorf("end: %v", err)
	}
	mustGet(t, client, wire.SessionUsersPath) // logs in again
	if _, err := sessions.Get(t.Context(), own.ID); !errors.Is(err, sdk.ErrNotFound) {
		t.Errorf("an ended session: %v", err)
	}
	if _, err := form.Of(client).Validate(t.Context()); !errors.Is(err, sdk.ErrUnsupported) {
		t.Errorf("a verb of another dialect: %v", err)
	}

	key := clientOf(t, mock, session.APIKey(sdk.NewSecret("demo-key-root-users")))
	mustGet(t, key, wire.SessionUsersPath)
	if response, err := key.R(t.Context()).Get(wire.SessionSessionsPath); err != nil || response.StatusCode() != http.StatusForbidden {
		t.Errorf("what the key may not: %v, %v", response.Status(), err)
	}
	italian := clientOf(t, mock, session.Password("root@example.com", rootPassword, session.WithPaths(session.Paths{Sessions: "/sessioni"})))
	mustGet(t, italian, wire.SessionUsersPathIT)
	wrong := clientOf(t, mock, session.Password("root@example.com", sdk.NewSecret("wrong")))
	if err := wrong.Login(t.Context()); !errors.Is(err, sdk.ErrRefused) {
		t.Errorf("a wrong password: %v", err)
	}
}

func TestFormAgainstTheReference(t *testing.T) {
	t.Parallel()
	for _, long := range []bool{false, true} {
		life, options := 24*time.Hour, []form.Option(nil)
		if long {
			life, options = 30*life, []form.Option{form.WithLongToken()}
		}
		mock := mockserver.New(t)
		client := clientOf(t, mock, form.Password("root", rootPassword, options...))
		manyGet(t, client, wire.FormItemsPath)
		latest := mock.Now().Add(life) // the token was issued before now, and after the login was sent
		verbs := form.Of(client)
		shown, err := verbs.Validate(t.Context())
		if err != nil || shown.Subject != "root" || shown.Expires.After(latest) || shown.Life() <= life-time.Second {
			t.Errorf("validate: %v of %v, at the latest %v, %v", shown, shown.Life(), latest, err)
		}
		mock.Advance(life - time.Hour)
		if extended, err := verbs.Extend(t.Context()); err != nil || extended.Life() < life-time.Minute {
			t.Errorf("extend: %v of %v, %v", extended, extended.Life(), err)
		}
		mock.Advance(life - time.Hour)
		before := len(mock.Requests())
		mustGet(t, client, wire.FormItemsPath)
		if n := len(mock.Requests()) - before; n != 1 {
			t.Errorf("%d requests after the extension, want the GET alone", n)
		}
		mock.Advance(2 * time.Hour)
		manyGet(t, client, wire.FormItemsPath)
		if err := verbs.Delete(t.Context()); err != nil {
			t.Errorf("delete: %v", err)
		}
		mustGet(t, client, wire.FormItemsPath)
	}
}

func TestRPCAgainstTheReference(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]rpc.Option{"documented names": nil, "new names": {rpc.WithV2Names()}, "REST": {rpc.WithREST("")}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := mockserver.New(t)
			client := clientOf(t, mock, rpc.Password("root", rootPassword, options...))
			var version struct{ Version string }
			call := func() {
				t.Helper()
				if err := rpc.Of(client).Call(t.Context(), wire.RPCGetVersion, nil, &version); err != nil || version.Version == "" {
					t.Fatalf("got %+v, %v", version, err)
				}
			}
			call()
			token, err := client.Token(t.Context())
			if err != nil || token.Life() != 4*time.Hour || token.MetadataKey == "" || token.Subject == "" {
				t.Errorf("%v of %v, %v", token, token.Life(), err)
			}
			if shown, err := rpc.Of(client).Inspect(t.Context()); err != nil || shown.Subject != "root" || !shown.Access.Equal(token.Access) || shown.Expires.IsZero() {
				t.Errorf("inspect: %v, %v", shown, err)
			}
			mock.Advance(3 * time.Hour)
			if _, err := rpc.Of(client).Renew(t.Context()); err != nil {
				t.Errorf("renew: %v", err)
			}
			mock.Advance(3 * time.Hour)
			call()
			mock.Advance(2 * time.Hour)
			call() // rejected and logged in again
			if err := rpc.Of(client).Close(t.Context()); err != nil {
				t.Errorf("close: %v", err)
			}
			call()
			err = rpc.Of(client).Call(t.Context(), "axxonsoft.bl.domain.DomainService.Nothing", nil, nil)
			if err == nil || errors.Is(err, sdk.ErrRefused) {
				t.Errorf("an unknown method: %v", err)
			}
		})
	}
}

// TestASecondFactorAtTheReference has a supervisor approve a login.
func TestASecondFactorAtTheReference(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithAccount(mockserver.Account{Login: "careful", Password: "password", Supervisor: "root"}))
	bare, err := grpc.NewClient(mock.GRPCAddr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bare.Close() })
	supervisor := clientOf(t, mock, rpc.Password("root", rootPassword))
	approve := rpc.WithSecondFactor(func(ctx context.Context, challenge rpc.Challenge) (string, error) {
		var answer struct {
			Code string `json:"verification_code"`
		}
		err := rpc.Of(supervisor).Call(ctx, wire.RPCApprove, map[string]string{"session_id": challenge.Session.Reveal()}, &answer)
		return answer.Code, err
	})
	for name, options := range map[string][]rpc.Option{"HTTP": {approve}, "gRPC": {approve, grpcauth.Over(bare)}, "REST": {approve, rpc.WithREST("")}} {
		client := clientOf(t, mock, rpc.Password("careful", sdk.NewSecret("password"), options...))
		if token, err := client.Inspect(t.Context()); err != nil || token.Subject != "careful" {
			t.Errorf("%s: %v, %v", name, token, err)
		}
	}
	wrong := rpc.WithSecondFactor(func(context.Context, rpc.Challenge) (string, error) { return "000000", nil })
	var e *sdk.Error
	if err := clientOf(t, mock, rpc.Password("careful", sdk.NewSecret("password"), wrong)).Login(t.Context()); !errors.As(err, &e) || e.Code != "AUTHENTICATE_CODE_TFA_WRONG_CODE" {
		t.Errorf("a wrong code: %v", err)
	}
}

func TestDirectGRPCAgainstTheReference(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	bare, err := grpc.NewClient(mock.GRPCAddr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bare.Close() })
	client := clientOf(t, mock, rpc.Password("root", rootPassword, grpcauth.Over(bare)))
	domain := rpcpb.NewDomainServiceClient(grpcauth.Conn(client, bare))
	version := func() {
		t.Helper()
		if answer, err := domain.GetVersion(t.Context(), &rpcpb.GetVersionRequest{}); err != nil || answer.GetVersion() == "" {
			t.Fatalf("got %v, %v", answer, err)
		}
	}
	version()
	if _, err := client.Renew(t.Context()); err != nil {
		t.Error(err)
	}
	version()
	mock.Advance(5 * time.Hour)
	version()
	// One session over both transports (RPC-18).
	var over struct{ Version string }
	if err := rpc.Of(client).Call(t.Context(), wire.RPCGetVersion, nil, &over); err != nil || over.Version == "" {
		t.Errorf("over HTTP: %+v, %v", over, err)
	}
	if err := client.Logout(t.Context()); err != nil {
		t.Error(err)
	}
	version()
}

func TestScopedAgainstTheReference(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	client := clientOf(t, mock, scoped.Password("root@example.com", rootPassword, scoped.WithLifetime("8 days")))
	manyGet(t, client, "/api/v1/objects")
	token, err := client.Token(t.Context())
	if err != nil || token.Life() != 8*24*time.Hour || token.ID == "" {
		t.Errorf("%v of %v, %v", token, token.Life(), err)
	}
	verbs := scoped.Of(client)
	issued, err := verbs.Issue(t.Context(), scoped.IssueRequest{Life: "30 minutes", Name: "reader", Scopes: []string{"GET /objects/:id"}})
	if err != nil || issued.Token.IsZero() {
		t.Fatalf("issue: %+v, %v", issued, err)
	}
	listed, err := verbs.List(t.Context())
	if err != nil || !slices.ContainsFunc(listed, func(l scoped.ListedToken) bool { return l.ID == issued.ID && l.Name == "reader" }) {
		t.Errorf("list: %+v, %v", listed, err)
	}
	reader := clientOf(t, mock, scoped.Static(issued.Token))
	mustGet(t, reader, "/api/v1/objects/42")
	if response, err := reader.R(t.Context()).Get("/api/v1/objects"); err != nil || response.StatusCode() != http.StatusForbidden {
		t.Errorf("outside the scopes: %v, %v", response.Status(), err)
	}
	if shown, err := client.Inspect(t.Context()); err != nil || shown.ID != token.ID {
		t.Errorf("inspect: %v, %v", shown, err)
	}
	methods, err := verbs.Methods(t.Context())
	if err != nil || !slices.Contains(methods, "GET /objects/:id") {
		t.Errorf("methods: %v, %v", methods, err)
	}
	if err := verbs.Revoke(t.Context(), issued.ID); err != nil {
		t.Errorf("revoke: %v", err)
	}
	if err := verbs.Revoke(t.Context(), "000000000000000000000000"); !errors.Is(err, sdk.ErrNotFound) {
		t.Errorf("revoke nothing: %v", err)
	}
	if response, err := reader.R(t.Context()).Get("/api/v1/objects/42"); err != nil || response.StatusCode() != http.StatusUnauthorized {
		t.Errorf("a revoked static token: %v, %v", response.Status(), err)
	}
	mock.Advance(9 * 24 * time.Hour)
	manyGet(t, client, "/api/v1/objects")
}
