package memnet_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memnet"
)

func TestWhoeverIsNotThereRefuses(t *testing.T) {
	t.Parallel()
	listener := memnet.Listen("x")
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_ = listener.Close() // the second does nothing
	if _, err := listener.Dial(t.Context()); !errors.Is(err, memnet.ErrRefused) {
		t.Errorf("dialled a closed listener: %v", err)
	}
	if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accepted by a closed listener: %v", err)
	}
}

func TestADialEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		started := time.Now()
		if _, err := memnet.Listen("x").Dial(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(started) != time.Minute {
			t.Errorf("nobody accepts: %v after %s", err, time.Since(started))
		}
	})
}

func TestClientsHaveAddressesOfTheirOwn(t *testing.T) {
	t.Parallel()
	listener := memnet.Listen("x")
	seen := map[string]bool{}
	for range 3 {
		go func() { _, _ = listener.Dial(t.Context()) }()
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		seen[conn.RemoteAddr().String()] = true
		_ = conn.Close()
	}
	if len(seen) != 3 || !seen["127.0.0.1:1"] || !seen["127.0.0.1:3"] {
		t.Errorf("got %v", seen)
	}
}
