// Package certificate keeps a TLS certificate that is renewed on disk while the
// server runs.
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

// CheckEvery is how often [Files.Watch] looks whether the files have changed.
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

// stamp tells one version of the files from the next.
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

// Reload reads the files again. When they do not fit together, or cannot be
// read, the certificate before stays in use.
func (f *Files) Reload() error {
	seen, err := f.stamp() // before the files: a change in between is seen next time
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

// Config returns a configuration for servers: TLS 1.2 or later, with the
// certificate of the moment for every new connection.
func (f *Files) Config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return &f.current.Load().pair, nil
		},
	}
}

// Watch reloads the files when they have changed, looking at every tick of
// check, and whenever asked, until ctx ends. What it does it tells the log.
func (f *Files) Watch(ctx context.Context, check <-chan time.Time, asked <-chan os.Signal, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-check:
			if seen, err := f.stamp(); err == nil && seen == f.current.Load().seen {
				continue
			}
		case <-asked:
		}
		if err := f.Reload(); err != nil {
			log.ErrorContext(ctx, "the certificate was not reloaded, the one before stays in use", "error", err)
			continue
		}
		log.InfoContext(ctx, "the certificate was reloaded", "ends", f.current.Load().pair.Leaf.NotAfter)
	}
}
