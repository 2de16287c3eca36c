package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"testing"
	"time"
)

// pair is a certificate for 127.0.0.1 and its key, both PEM.
type pair struct{ cert, key []byte }

func newPair(t *testing.T, serial int64) pair {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pair{
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}),
	}
}

// newPairOfSize makes pairs until one is as long as another.
func newPairOfSize(t *testing.T, serial int64, like pair) pair {
	t.Helper()
	for {
		if p := newPair(t, serial); len(p.cert) == len(like.cert) && len(p.key) == len(like.key) {
			return p
		}
	}
}

// write puts the pair into files, always with the same time. By time and size, and by
// nothing else, a server may notice a change without a signal.
func (p pair) write(t *testing.T, certFile, keyFile string) {
	t.Helper()
	for file, text := range map[string][]byte{certFile: p.cert, keyFile: p.key} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, time.Time{}, time.Unix(1e9, 0)); err != nil {
			t.Fatal(err)
		}
	}
}

// trusting returns a configuration that trusts the certificates.
func trusting(pairs ...pair) *tls.Config {
	roots := x509.NewCertPool()
	for _, p := range pairs {
		roots.AppendCertsFromPEM(p.cert)
	}
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}
