package mockserver_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/mockserver"
)

func hold(t *testing.T, mock *mockserver.Server, o mockserver.Operation, n int) *mockserver.Hold {
	t.Helper()
	h, err := mock.Hold(o, n)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestHoldReleasesTogether holds five requests until all have arrived.
func TestHoldReleasesTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := mockserver.New(t, mockserver.WithMemory(), mockserver.WithDialects("form"))
		held := hold(t, mock, mockserver.Resource, 5)
		var answered sync.WaitGroup
		for n := range 5 {
			answered.Go(func() { get(t, mock.Client(), mock, "x") })
			synctest.Wait()
			if got := len(mock.Requests()); n < 4 && got != 0 {
				t.Errorf("after %d requests %d are answered", n+1, got)
			}
		}
		answered.Wait()
		if held.Arrived() != 5 || len(mock.Requests()) != 5 {
			t.Errorf("%d have arrived, %d are answered", held.Arrived(), len(mock.Requests()))
		}
		get(t, mock.Client(), mock, "x") // does not wait
	})
}

// TestHoldUntilRelease holds what comes; requests of other operations pass.
func TestHoldUntilRelease(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("form"))
	held := hold(t, mock, mockserver.Resource, 0)
	var answered sync.WaitGroup
	answered.Go(func() { get(t, mock.Client(), mock, "x") })
	if err := held.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if a := ask(t, mock.Client(), mock, http.MethodGet, "/login?token=x", ""); a.status != 404 {
		t.Errorf("another operation is answered %+v", a)
	}
	held.Release()
	answered.Wait()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := held.Wait(ended, 9); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for more: %v", err)
	}
}

// TestHeldRequestsEnd ends held requests with their client, and with the mock.
func TestHeldRequestsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := mockserver.New(t, mockserver.WithMemory(), mockserver.WithDialects("form"))
		hold(t, mock, mockserver.Resource, 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, mock.URL+"/items", http.NoBody)
		if resp, err := mock.Client().Do(req); err == nil {
			resp.Body.Close()
			t.Error("a held request was answered")
		}
		answers := make(chan answer, 1)
		go func() { answers <- ask(t, mock.Client(), mock, http.MethodGet, "/items", "") }()
		synctest.Wait()
		if err := mock.Close(); err != nil {
			t.Error(err)
		}
		if a := <-answers; a.err == nil {
			t.Errorf("the end of the mock answers a held request: %+v", a)
		}
	})
}
