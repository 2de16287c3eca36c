package vendors_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
	"github.com/dragoman-auth/dragoman/sdk/grpcauth"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// A life is that of a client at one vendor's, from login to logout.
type life struct {
	vendor  int    // in vendors
	clock   string // path that moves the server's time
	moved   int    // its answer
	life    time.Duration
	dialect func(t *testing.T, at addresses) (sdk.Dialect, opener)
	end     func(t *testing.T, at addresses, client *sdk.Client, token sdk.Token) // ends the token behind the client's back
	outlast bool                                                                  // the token lives on after Close: the dialect cannot end it
	want    []sdk.EventKind
}

// opener makes a protected call.
type opener func(ctx context.Context, client *sdk.Client) error

// Most dialects cannot renew what has ended.
var loggedInThrice = []sdk.EventKind{
	sdk.EventLogin, sdk.EventRenew,
	sdk.EventReject, sdk.EventLogin, sdk.EventReplay, // after its end
	sdk.EventReject, sdk.EventLogin, sdk.EventReplay, // after it was ended
	sdk.EventRevoke,
}

var lives = map[string]life{
	"session": {
		vendor: 0, clock: "/clock", moved: http.StatusNoContent, life: 10 * time.Minute, dialect: sessionClient, end: endSession, outlast: true,
		want: []sdk.EventKind{
			sdk.EventLogin, sdk.EventRenew,
			sdk.EventReject, sdk.EventRenew, sdk.EventReplay, // a refresh token outlives its bearer
			sdk.EventReject, sdk.EventRenew, sdk.EventLogin, sdk.EventReplay,
		},
	},
	"form":       {vendor: 1, clock: "/api/clock", moved: http.StatusNoContent, life: 24 * time.Hour, dialect: formClient, end: deleteToken, want: loggedInThrice},
	"rpc":        {vendor: 2, clock: "/clock", moved: http.StatusNoContent, life: 30 * time.Minute, dialect: rpcClient, end: closeOverHTTP, want: loggedInThrice},
	"rpc direct": {vendor: 2, clock: "/clock", moved: http.StatusNoContent, life: 30 * time.Minute, dialect: directClient, end: closeOverHTTP, want: loggedInThrice},
	"scoped": {
		vendor: 3, clock: "/clock", moved: http.StatusOK, life: 24 * time.Hour, dialect: scopedClient, end: revokeToken,
		want: slices.Replace(slices.Clone(loggedInThrice), 1, 2, sdk.EventLogin), // there is no renewal
	},
}

// TestClientAtTheVendors holds the client to servers that it was not written
// with.
func TestClientAtTheVendors(t *testing.T) {
	t.Parallel()
	for name, v := range lives {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := vendors[v.vendor]
			place.command = append(slices.Clip(place.command), "--movable-clock")
			v.run(t, start(t, place))
		})
	}
}

func (v life) run(t *testing.T, at addresses) {
	dialect, open := v.dialect(t, at)
	var mu sync.Mutex
	var events []sdk.EventKind
	note := sdk.ObserverFunc(func(_ context.Context, event sdk.Event) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, event.Kind)
	})
	client, err := sdk.New(at.url, dialect, sdk.WithObserver(note), sdk.WithoutBackgroundRenewal())
	if err != nil {
		t.Fatal(err)
	}
	use := func(when string) sdk.Token {
		t.Helper()
		if err := open(t.Context(), client); err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		token, err := client.Token(t.Context())
		if err != nil || token.Life() < v.life-2*time.Second || token.Life() > v.life+2*time.Second {
			t.Fatalf("%s: %v of %v, %v; it should live %v", when, token, token.Life(), err, v.life)
		}
		return token
	}
	use("at first")
	if _, err := client.Renew(t.Context()); err != nil {
		t.Fatalf("renew: %v", err)
	}
	use("renewed")
	do(t, v.moved, "POST", at.url+v.clock, nil, `{"seconds":`+strconv.Itoa(int(v.life/time.Second))+`}`)
	token := use("after its end")
	v.end(t, at, client, token)
	token = use("after it was ended")
	if err := client.Close(t.Context()); err != nil {
		t.Errorf("close: %v", err)
	}
	if !slices.Equal(events, v.want) {
		t.Errorf("it did\n%v, not\n%v", events, v.want)
	}
	if err := open(t.Context(), v.presenting(t, at, token)); (err == nil) != v.outlast {
		t.Errorf("after Close the token was answered with: %v", err)
	}
}

// presenting is a client that presents this token and cannot get another.
func (v life) presenting(t *testing.T, at addresses, token sdk.Token) *sdk.Client {
	t.Helper()
	dialect, _ := v.dialect(t, at)
	client, err := sdk.New(at.url, fixed{dialect, token}, sdk.WithoutBackgroundRenewal())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Stop(context.Background()) })
	return client
}

type fixed struct {
	sdk.Dialect
	token sdk.Token
}

func (f fixed) Login(context.Context, *sdk.TokenClient) (sdk.Token, error) { return f.token, nil }

func get(path string) opener {
	return func(ctx context.Context, client *sdk.Client) error {
		_, err := client.Do(ctx, sdk.Call{Op: "get", Path: path})
		return err
	}
}

func sessionClient(*testing.T, addresses) (sdk.Dialect, opener) {
	devices := session.Sessions{
		List: "/devices", EndMethod: http.MethodPost, EndPath: "/devices/{id}/end",
		ID: "key", IPAddress: "address", UserAgent: "agent", CreatedAt: "opened_at",
	}
	return session.Password("anna@office.example", sdk.NewSecret("correct-horse-battery"), session.WithSessions(devices)), get("/users")
}

func endSession(t *testing.T, _ addresses, client *sdk.Client, _ sdk.Token) {
	sessions, err := session.Of(client).List(t.Context())
	if err != nil || len(sessions) != 1 || sessions[0].UserAgent != "dragoman" || sessions[0].IPAddress != "127.0.0.1" || sessions[0].CreatedAt.IsZero() {
		t.Fatalf("sessions: %+v, %v", sessions, err)
	}
	if err := session.Of(client).End(t.Context(), sessions[0].ID); err != nil {
		t.Fatalf("end the session: %v", err)
	}
}

func formClient(t *testing.T, _ addresses) (sdk.Dialect, opener) {
	zone, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	return form.Password("kasia", sdk.NewSecret("trzy-mokre-kasztany"), form.WithPrefix("/api"), form.WithLocation(zone)), get("/api/items")
}

func deleteToken(t *testing.T, at addresses, _ *sdk.Client, token sdk.Token) {
	do(t, http.StatusNoContent, "DELETE", at.url+"/api/login?token="+token.Access.Reveal(), nil, "")
}

func rpcClient(*testing.T, addresses) (sdk.Dialect, opener) {
	return rpc.Password("root", sdk.NewSecret("seven-glass-lanterns"), rpc.WithPath("/asip-api/grpc")),
		func(ctx context.Context, client *sdk.Client) error {
			call := map[string]any{"method": "axxonsoft.bl.statistics.StatisticService.GetUptime", "data": struct{}{}}
			_, err := client.Do(ctx, sdk.Call{Op: "get uptime", Method: http.MethodPost, Path: "/asip-api/grpc", JSON: call})
			return err
		}
}

func directClient(t *testing.T, at addresses) (sdk.Dialect, opener) {
	bare, err := grpc.NewClient(at.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bare.Close() })
	return rpc.Password("root", sdk.NewSecret("seven-glass-lanterns"), grpcauth.Over(bare)),
		func(ctx context.Context, client *sdk.Client) error {
			var request, reply []byte
			return grpcauth.Conn(client, bare).Invoke(ctx, "/axxonsoft.bl.statistics.StatisticService/GetUptime", &request, &reply, grpc.ForceCodec(rawCodec{}))
		}
}

// closeOverHTTP closes the session over the other transport if it was obtained over
// gRPC.
func closeOverHTTP(t *testing.T, at addresses, _ *sdk.Client, token sdk.Token) {
	do(t, http.StatusOK, "POST", at.url+"/asip-api/grpc", bearer(token.Access.Reveal()), `{"method":"axxonsoft.bl.auth.AuthenticationService.CloseSession","data":{}}`)
}

func scopedClient(*testing.T, addresses) (sdk.Dialect, opener) {
	return scoped.Password("olga@fleet.example", sdk.NewSecret("blue-ladder-monday")), get("/api/v1/objects")
}

func revokeToken(t *testing.T, at addresses, _ *sdk.Client, token sdk.Token) {
	do(t, http.StatusOK, "DELETE", at.url+"/api/v1/tokens/"+token.ID, bearer(token.Access.Reveal()), "")
}
