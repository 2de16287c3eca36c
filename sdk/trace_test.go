package sdk_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

type callerKey struct{}

// The values of the first caller's context go with the flight, for spans; the
// hooks of net/http/httptrace do not: they see headers, and are not made for use
// beside the request that they are about.
func TestTheCallersTraceIsForItsOwnRequest(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(fakeoffice.New())
	t.Cleanup(server.Close)
	var mu sync.Mutex
	var requests, dials int
	var values []any
	client, err := sdk.New(server.URL, session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)),
		sdk.WithObserver(sdk.ObserverFunc(func(ctx context.Context, _ sdk.Event) {
			mu.Lock()
			defer mu.Unlock()
			values = append(values, ctx.Value(callerKey{}))
		})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close(context.Background()) })
	trace := &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) {
			mu.Lock()
			defer mu.Unlock()
			requests++
		},
		ConnectStart: func(string, string) {
			mu.Lock()
			defer mu.Unlock()
			dials++
		},
	}
	ctx := httptrace.WithClientTrace(context.WithValue(t.Context(), callerKey{}, "caller"), trace)
	response, err := client.R(ctx).Get("/users")
	if err != nil || response.StatusCode() != http.StatusOK {
		t.Fatalf("got %v, %v", response.Status(), err)
	}
	mu.Lock()
	defer mu.Unlock()
	if requests != 1 || dials > 0 {
		t.Errorf("the trace saw %d requests and %d dials, want its own request, over the connection of the login", requests, dials)
	}
	if len(values) != 1 || values[0] != "caller" {
		t.Errorf("the login's event came with %v", values)
	}
}
