package reference

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/dragoman-auth/dragoman/internal/reference/connections"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// sweepEvery is how often expired records are removed.
const sweepEvery = time.Minute

// Serve serves HTTP on one listener and gRPC on the other until ctx ends. Then
// the server is not ready any more, but still accepts connections for
// Config.DrainDelay; after that it lets running requests finish, for at most
// Config.Drain, and returns nil. A nil gRPC listener: gRPC is not served. Serve
// closes both listeners and returns the first error other than the end of ctx.
// Once a minute it removes expired records from the store. Call it once.
func (s *Server) Serve(ctx context.Context, httpListener, grpcListener net.Listener) error {
	if httpListener == nil {
		return errors.New("serve: no HTTP listener")
	}
	group, ctx := errgroup.WithContext(ctx)
	// stopping ends when connections are no longer accepted.
	stopping, stop := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error {
		defer stop()
		s.startDrain(ctx)
		return nil
	})
	s.serveHTTP(stopping, group, connections.Listen(httpListener, s.connections))
	if grpcListener != nil {
		s.serveGRPC(ctx, stopping, group, connections.Listen(grpcListener, s.connections))
	}
	group.Go(func() error { s.sweep(ctx); return nil })
	return group.Wait()
}

// startDrain waits for the end of ctx, declares the server not ready, and waits
// until load balancers have noticed.
func (s *Server) startDrain(ctx context.Context) {
	<-ctx.Done()
	s.draining.Store(true)
	delay := time.NewTimer(s.drainDelay)
	defer delay.Stop()
	<-delay.C
}

// Ready returns nil when the server can serve requests. The error says why not:
// the context of Serve has ended, or the store does not answer within two
// seconds.
func (s *Server) Ready(ctx context.Context) error {
	if s.draining.Load() {
		return errors.New("the server is draining")
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := s.store.Get(ctx, "ready", "ready"); err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Unavailable(err)
	}
	return nil
}

// Listen opens the listeners of [Server.Serve] at two TCP addresses, such as
// "127.0.0.1:8080"; port 0 is a free port. An empty address for gRPC: that listener
// is nil. The error names the listener that could not be opened; then both are
// closed.
func Listen(ctx context.Context, httpAddress, grpcAddress string) (httpListener, grpcListener net.Listener, err error) {
	var config net.ListenConfig
	if httpListener, err = config.Listen(ctx, "tcp", httpAddress); err != nil {
		return nil, nil, fmt.Errorf("listen for HTTP: %w", err)
	}
	if grpcAddress == "" {
		return httpListener, nil, nil
	}
	if grpcListener, err = config.Listen(ctx, "tcp", grpcAddress); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("listen for gRPC: %w", err), httpListener.Close())
	}
	return httpListener, grpcListener, nil
}

func (s *Server) serveHTTP(stopping context.Context, group *errgroup.Group, listener net.Listener) {
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	group.Go(func() error {
		serve := server.Serve
		if s.tls != nil {
			server.TLSConfig = s.tls.Clone()
			serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
		}
		if err := serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve HTTP: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-stopping.Done()
		timeout, cancel := context.WithTimeout(context.WithoutCancel(stopping), s.drainTimeout)
		defer cancel()
		if server.Shutdown(timeout) != nil {
			_ = server.Close() // cuts off requests that are still running
		}
		return nil
	})
}

// serveGRPC reports NOT_SERVING when ctx has ended, and stops with stopping.
func (s *Server) serveGRPC(ctx, stopping context.Context, group *errgroup.Group, listener net.Listener) {
	var opts []grpc.ServerOption
	if s.tls != nil {
		opts = append(opts, grpc.Creds(credentials.NewTLS(s.tls.Clone())))
	}
	server, checks := s.newGRPC(opts)
	group.Go(func() error {
		if err := server.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			return fmt.Errorf("serve gRPC: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		checks.Shutdown()
		<-stopping.Done()
		cutOff := time.AfterFunc(s.drainTimeout, server.Stop)
		defer cutOff.Stop()
		server.GracefulStop()
		return nil
	})
}

// sweep removes expired records, once per sweepEvery.
func (s *Server) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if _, err := s.store.Sweep(ctx, s.clock.Now()); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "sweep failed", "error", err)
		}
	}
}
