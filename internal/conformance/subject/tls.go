package subject

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"sync"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// trust is how both sides prove who they are, on each port. The files that the manifest
// names are read at each look until the subject has answered: a server may write its
// certificate when it starts, over one of an earlier start.
type trust struct {
	declared *manifest.Manifest

	mu         sync.Mutex
	http, grpc *tls.Config // nil until they are read
	kept       bool        // whether they stay as they are
}

// read returns the settings for both ports, once the files are there.
func (t *trust) read() (http, grpc *tls.Config, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept {
		return t.http, t.grpc, nil
	}
	if http, err = tlsConfig("subject.tls", t.declared.Subject.TLS); err != nil {
		return nil, nil, err
	}
	grpc = http
	if own := t.declared.TrustOverGRPC(); own != t.declared.Subject.TLS {
		if grpc, err = tlsConfig("dialects.rpc.grpc.trust", own); err != nil {
			return nil, nil, err
		}
	}
	t.http, t.grpc = http, grpc
	return http, grpc, nil
}

// keepLast returns what was read last, and keeps it from now on.
func (t *trust) keepLast() (http, grpc *tls.Config) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = true
	return t.http, t.grpc
}

// tlsConfig reads the files that a section of the manifest names. Without a section, the
// system's authorities are trusted.
func tlsConfig(section string, t *manifest.TLS) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if t == nil {
		return config, nil
	}
	config.ServerName, config.InsecureSkipVerify = t.ServerName, t.Insecure // by the manifest's explicit word
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("%s.ca: %w", section, err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s.ca: no certificate in %s", section, t.CA)
		}
	}
	if t.Cert != "" {
		certificate, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, fmt.Errorf("%s.cert: %w", section, err)
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	return config, nil
}
