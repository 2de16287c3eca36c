package mockserver_test

import (
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/mockserver"
)

// TestMisuseByStreams: a stream is a request to a resource like any other.
func TestMisuseByStreams(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("rpc"), mockserver.WithMisuse(mockserver.MisuseWarn))
	conn := dial(t, mock)
	token := withToken(t.Context(), issue(t, mock, "rpc").Access)
	domain := rpcpb.NewDomainServiceClient(conn)
	read := func() error {
		_, err := received(domain.StreamCameras(token, &rpcpb.ListCamerasRequest{}))
		return err
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}
	if _, err := rpcpb.NewAuthenticationServiceClient(conn).CloseSession(token, &rpcpb.CloseSessionRequest{}); err != nil {
		t.Fatal(err)
	}
	if found := mock.Misuses(); len(found) != 0 {
		t.Errorf("a right client: %v", found)
	}
	if err := read(); status.Code(err) != codes.Unauthenticated {
		t.Errorf("after its end the stream ends with %v", err)
	}
	if found := mock.Misuses(); len(found) != 1 || found[0].Kind != mockserver.TokenAfterRevocation || found[0].Request.Operation != mockserver.Resource {
		t.Errorf("found %v", found)
	}
}

// TestHeldStreams: a hold counts streams, and releases them with the other requests.
func TestHeldStreams(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := mockserver.New(t, mockserver.WithMemory(), mockserver.WithDialects("rpc"))
		held := hold(t, mock, mockserver.Resource, 2)
		domain, token := rpcpb.NewDomainServiceClient(dial(t, mock)), withToken(t.Context(), issue(t, mock, "rpc").Access)
		ended := make(chan error, 1)
		go func() {
			_, err := received(domain.StreamCameras(token, &rpcpb.ListCamerasRequest{}))
			ended <- err
		}()
		synctest.Wait()
		if held.Arrived() != 1 || len(mock.Requests()) != 0 || len(ended) != 0 {
			t.Errorf("%d have arrived, the journal is %v", held.Arrived(), mock.Requests())
		}
		if _, err := domain.ListCameras(token, &rpcpb.ListCamerasRequest{}); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestCloseEndsStreams: one that is held, one that a fault delays, and one whose client
// reads no more.
func TestCloseEndsStreams(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*testing.T, *mockserver.Server){
		"held": func(t *testing.T, m *mockserver.Server) { hold(t, m, mockserver.Resource, 0) },
		"delayed": func(t *testing.T, m *mockserver.Server) {
			inject(t, m, mockserver.Fault{Effect: mockserver.Delay, Delay: mockserver.Duration(time.Hour)})
		},
		"not read": func(*testing.T, *mockserver.Server) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mock := mockserver.New(t, mockserver.WithMemory(), mockserver.WithDialects("rpc"))
				stop(t, mock)
				domain, token := rpcpb.NewDomainServiceClient(dial(t, mock)), withToken(t.Context(), issue(t, mock, "rpc").Access)
				stream, err := domain.StreamCameras(token, &rpcpb.ListCamerasRequest{})
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				began := time.Now()
				if err := mock.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
				if took := time.Since(began); took != 0 {
					t.Errorf("it took %v to close", took)
				}
				if name == "not read" { // all of it was sent
					return
				}
				// The connection of the client is the mock's, and ends with it, too.
				if _, err := received(stream, nil); status.Code(err) != codes.Unavailable && status.Code(err) != codes.Canceled {
					t.Errorf("the stream ends with %v", err)
				}
			})
		})
	}
}
