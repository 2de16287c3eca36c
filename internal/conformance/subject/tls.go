package subject

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// tlsConfig reads the files that subject.tls names. Without a section, the
// system's authorities are trusted.
func tlsConfig(t *manifest.TLS) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if t == nil {
		return config, nil
	}
	config.ServerName, config.InsecureSkipVerify = t.ServerName, t.Insecure // by the manifest's explicit word
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("subject.tls.ca: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("subject.tls.ca: no certificate in %s", t.CA)
		}
	}
	if t.Cert != "" {
		certificate, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, fmt.Errorf("subject.tls.cert: %w", err)
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	return config, nil
}
