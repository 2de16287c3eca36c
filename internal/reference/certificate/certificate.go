// Package certificate holds a TLS certificate and reads it again when its files
// change, while the server runs.
package certificate

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// CheckEvery is how often the files are to be checked for changes; see
// [Files.Watch].
const CheckEvery = 10 * time.Second

// Files are a certificate with its chain and its key, both PEM. They are safe
// for concurrent use.
type Files struct {
	cert, key string
	current   atomic.Pointer[loaded]
}

type loaded struct {
	pair tls.Certificate
	seen stamp
}

// stamp identifies a version of the files.
type stamp struct {
	certTime, keyTime time.Time
	certSize, keySize int64
}

// Load reads the files. Errors never show the key.
func Load(cert, key string) (*Files, error) {
	f := &Files{cert: cert, key: key}
	if err := f.Reload(); err != nil {
		return nil, err
	}
	return f, nil
}

// Reload reads the files again. When they do not belong together, or cannot be
// read, the current certificate remains in use.
func (f *Files) Reload() error {
	seen, err := f.stamp() // first: a change in between is found by the next check
	if err != nil {
		return fmt.Errorf("load the certificate: %w", err)
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return fmt.Errorf("load the certificate: %w", err)
	}
	f.current.Store(&loaded{pair, seen})
	return nil
}

func (f *Files) stamp() (stamp, error) {
	cert, err := os.Stat(f.cert)
	if err != nil {
		return stamp{}, err
	}
	key, err := os.Stat(f.key)
	if err != nil {
		return stamp{}, err
	}
	return stamp{cert.ModTime(), key.ModTime(), cert.Size(), key.Size()}, nil
}

// Config returns a configuration for servers: TLS 1.2 or later. Every new
// connection gets the current certificate.
func (f *Files) Config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return &f.current.Load().pair, nil
		},
	}
}

// Watch checks the files at every tick of check and reloads them when they have
// changed; a signal on reload reloads them in any case. It logs what it does, and
// returns when ctx ends.
func (f *Files) Watch(ctx context.Context, check <-chan time.Time, reload <-chan os.Signal, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-check:
			if seen, err := f.stamp(); err == nil && seen == f.current.Load().seen {
				continue
			}
		case <-reload:
		}
		if err := f.Reload(); err != nil {
			log.ErrorContext(ctx, "the certificate was not reloaded, the current one remains in use", "error", err)
			continue
		}
		log.InfoContext(ctx, "the certificate was reloaded", "ends", f.current.Load().pair.Leaf.NotAfter)
	}
}
