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
)

// sweepEvery is how often expired records are removed.
const sweepEvery = time.Minute

// Serve serves HTTP on one listener and gRPC on the other until ctx ends, then
// lets running requests finish (see Config.Drain) and returns nil. A nil gRPC
// listener is no gRPC. It closes both listeners and returns the first error
// that was not the end of ctx. Meanwhile it removes what has expired from the
// store, once a minute.
func (s *Server) Serve(ctx context.Context, httpListener, grpcListener net.Listener) error {
	if httpListener == nil {
		return errors.New("serve: it needs an HTTP listener")
	}
	group, ctx := errgroup.WithContext(ctx)
	s.serveHTTP(ctx, group, httpListener)
	if grpcListener != nil {
		s.serveGRPC(ctx, group, grpcListener)
	}
	group.Go(func() error { s.sweep(ctx); return nil })
	return group.Wait()
}

func (s *Server) serveHTTP(ctx context.Context, group *errgroup.Group, listener net.Listener) {
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
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve HTTP: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.drain)
		defer cancel()
		if server.Shutdown(patience) != nil {
			_ = server.Close() // who is not done by now is cut off
		}
		return nil
	})
}

func (s *Server) serveGRPC(ctx context.Context, group *errgroup.Group, listener net.Listener) {
	server := s.GRPC()
	group.Go(func() error {
		if err := server.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			return fmt.Errorf("serve gRPC: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
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
