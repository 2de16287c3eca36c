// Package drain serves HTTP until a context ends, and then lets out what is being
// answered. What is served, and what a server limits, is for others to say.
package drain

import (
	"context"
	"net"
	"net/http"
	"time"
)

// Serve serves until ctx ends, over TLS where the server has a configuration for it. From
// then on nothing is accepted, and requests that have come are answered; what takes longer
// than limit is cut off, and a handler that does not heed its context may outlast Serve. The
// listener is closed. The error says why it could not serve until then.
func Serve(ctx context.Context, server *http.Server, listener net.Listener, limit time.Duration) error {
	drained := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(drained)
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
		defer cancel()
		if server.Shutdown(limited) != nil {
			_ = server.Close()
		}
	})
	serve := server.Serve
	if server.TLSConfig != nil {
		serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	err := serve(listener)
	if stop() {
		return err
	}
	<-drained
	return nil
}
