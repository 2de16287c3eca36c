package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// TestGRPCOnlyForRPC starts and ends the mock: gRPC carries the rpc dialect
// alone, so without it nothing listens there.
func TestGRPCOnlyForRPC(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for dialects, want := range map[string]bool{"": true, "--dialect=session,rpc": true, "--dialect=session --dialect=form": false, "--dialects=session,form": false} {
		var stdout, stderr bytes.Buffer
		args := append([]string{"mock", "--listen", "127.0.0.1:0", "--grpc", "127.0.0.1:0"}, strings.Fields(dialects)...)
		if code := run(ctx, args, &stdout, &stderr); code != 0 {
			t.Fatalf("%v: exit code %d: %s", args, code, stderr.String())
		}
		if got := strings.Contains(stderr.String(), "gRPC on 127.0.0.1:"); got != want {
			t.Errorf("dialects %q: gRPC is served: %v, want %v: %s", dialects, got, want, stderr.String())
		}
	}
}
