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

	"github.com/dragoman-auth/dragoman/reference/store"
)

// sweepEvery is how often expired records are removed.
const sweepEvery = time.Minute

// Serve serves HTTP on one listener and gRPC on the other until ctx ends. Then
// it is no longer ready, goes on for Config.DrainDelay, takes no more
// connections, lets running requests finish (see Config.Drain) and returns nil.
// A nil gRPC listener is no gRPC. It closes both listeners and returns the first
// error that was not the end of ctx. Meanwhile it removes what has expired from
// the store, once a minute. It is called once.
func (s *Server) Serve(ctx context.Context, httpListener, grpcListener net.Listener) error {
	if httpListener == nil {
		return errors.New("serve: it needs an HTTP listener")
	}
	group, ctx := errgroup.WithContext(ctx)
	// stopping ends when connections are no longer taken.
	stopping, stop := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error {
		defer stop()
		s.farewell(ctx)
		return nil
	})
	s.serveHTTP(stopping, group, httpListener)
	if grpcListener != nil {
		s.serveGRPC(ctx, stopping, group, grpcListener)
	}
	group.Go(func() error { s.sweep(ctx); return nil })
	return group.Wait()
}

// farewell waits for the end of ctx, then for balancers to notice.
func (s *Server) farewell(ctx context.Context) {
	<-ctx.Done()
	s.draining.Store(true)
	delay := time.NewTimer(s.delay)
	defer delay.Stop()
	<-delay.C
}

// Ready says why requests should go elsewhere, or nil: the server has been asked
// to end, or its store does not answer within two seconds.
func (s *Server) Ready(ctx context.Context) error {
	if s.draining.Load() {
		return errors.New("the server is about to end")
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := s.store.Get(ctx, "ready", "ready"); err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Unavailable(err)
	}
	return nil
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
		patience, cancel := context.WithTimeout(context.WithoutCancel(stopping), s.drain)
		defer cancel()
		if server.Shutdown(patience) != nil {
			_ = server.Close() // who is not done by now is cut off
		}
		return nil
	})
}

// serveGRPC tells by its health when ctx has ended, and stops with stopping.
func (s *Server) serveGRPC(ctx, stopping context.Context, group *errgroup.Group, listener net.Listener) {
	var opts []grpc.ServerOption
	if s.tls != nil {
		opts = append(opts, grpc.Creds(credentials.NewTLS(s.tls.Clone())))
	}
	server, checks := s.calls(opts)
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
		cutOff := time.AfterFunc(s.drain, server.Stop)
		defer cutOff.Stop()
		server.GracefulStop()
		return nil
	})
}

// sweep removes what has expired, now and then.
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
