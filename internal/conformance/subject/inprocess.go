package subject

import (
	"context"
	"fmt"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// startInProcess serves the reference on two free ports of this machine, over
// real HTTP and gRPC.
func startInProcess(ctx context.Context, m *manifest.Manifest, runs string, o Options) (*Running, error) {
	p, err := newProbe(m, o)
	if err != nil {
		return nil, err
	}
	server, err := reference.New(reference.Config{
		Accounts: reference.DemoAccounts(), ClockControl: true,
		Hasher: account.FastHasher{}, // hundreds of logins with public passwords are no secret to keep
	})
	if err != nil {
		return nil, fmt.Errorf("start the reference: %w", err)
	}
	httpListener, grpcListener, err := reference.Listen(ctx, "127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the reference: %w", err)
	}
	// The server outlives the start, and ends with Stop.
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() { // ends with Stop
		defer close(ended)
		_ = server.Serve(serving, httpListener, grpcListener) // a broken server shows in the verdicts
	}()
	stop := func() {
		end()
		<-ended
	}
	place := address{http: "http://" + httpListener.Addr().String(), grpc: grpcListener.Addr().String()}
	_, f, err := p.await(ctx, []address{place}, nil)
	if err != nil {
		stop()
		return nil, err
	}
	running := &Running{Kind: "builtin", Runs: runs, stop: stop, digest: ownDigest}
	running.reached(place, f, p)
	return running, nil
}
