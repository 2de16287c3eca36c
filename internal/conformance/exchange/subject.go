package exchange

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// Subject is the server that is judged, as the judge reaches it. One Subject
// serves all scenarios of a run; it is safe for concurrent use, and read only
// but for Crowded.
type Subject struct {
	// HTTP is the root URL without a trailing slash, as "http://127.0.0.1:8080".
	HTTP string
	// GRPC is the host:port of direct gRPC, or "".
	GRPC string
	// Manifest describes the subject; its defaults are filled in.
	Manifest *manifest.Manifest
	// Transport carries all HTTP. It follows no redirects and keeps no cookies.
	Transport http.RoundTripper
	// Clock is the subject's time.
	Clock Clock
	// Secrets that no report may show. Every token that is seen is added.
	Secrets *evidence.Secrets
	// Timeout bounds one exchange.
	Timeout time.Duration

	// Crowded says that scenarios run at once, so that none may let time pass
	// for the others.
	Crowded atomic.Bool

	throttled sync.Mutex  // held by whoever waits for a throttle to end
	hopeless  atomic.Bool // waiting for a throttle did not help
}

// Clock is the subject's time as the judge knows it.
type Clock interface {
	// Now is the subject's present time.
	Now() time.Time
	// Advance moves the subject's time forward by at least d, in whole seconds.
	Advance(ctx context.Context, d time.Duration) error
}
