package certificate_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/internal/reference/certificate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type place struct{ cert, key string }

func newPlace(t *testing.T) place {
	dir := t.TempDir()
	return place{filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")}
}

// write makes a certificate with a serial number. The time of both files depends
// on it, so that every write changes the stamp.
func (p place) write(t *testing.T, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "dragoman"}, DNSNames: []string{"localhost"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{p.cert: {Type: "CERTIFICATE", Bytes: der}, p.key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, time.Time{}, time.Unix(1e9+serial, 0)); err != nil {
			t.Fatal(err)
		}
	}
}

func serial(t *testing.T, cfg *tls.Config) int64 {
	t.Helper()
	pair, err := cfg.GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf.SerialNumber.Int64()
}

func TestWatch(t *testing.T) {
	t.Parallel()
	files := newPlace(t)
	files.write(t, 1)
	f, err := certificate.Load(files.cert, files.key)
	if err != nil {
		t.Fatal(err)
	}
	cfg := f.Config() // taken once, as a server does
	var all strings.Builder
	// step lets the watch take one event and returns what it said.
	step := func(event func(ticks chan<- time.Time, signals chan<- os.Signal)) string {
		var said bytes.Buffer
		ticks, signals := make(chan time.Time), make(chan os.Signal)
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			f.Watch(ctx, ticks, signals, slog.New(slog.NewTextHandler(&said, nil)))
		}()
		event(ticks, signals)
		end()
		<-ended
		all.WriteString(said.String())
		return said.String()
	}
	tick := func(ticks chan<- time.Time, _ chan<- os.Signal) { ticks <- time.Time{} }
	hangup := func(_ chan<- time.Time, signals chan<- os.Signal) { signals <- syscall.SIGHUP }

	if said := step(tick); said != "" {
		t.Errorf("files that have not changed: %s", said)
	}
	files.write(t, 2)
	if said := step(tick); !strings.Contains(said, "was reloaded") || serial(t, cfg) != 2 {
		t.Errorf("after a change the certificate is %d: %s", serial(t, cfg), said)
	}
	private, err := os.ReadFile(files.key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files.cert, private, 0o600); err != nil {
		t.Fatal(err)
	}
	if said := step(hangup); !strings.Contains(said, "remains in use") || serial(t, cfg) != 2 {
		t.Errorf("with a broken file the certificate is %d: %s", serial(t, cfg), said)
	}
	files.write(t, 3)
	if said := step(hangup); !strings.Contains(said, "was reloaded") || serial(t, cfg) != 3 {
		t.Errorf("after a signal the certificate is %d: %s", serial(t, cfg), said)
	}
	if strings.Contains(all.String(), strings.Split(string(private), "\n")[1]) {
		t.Error("the log holds the key")
	}
}

func TestLoadSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	files := newPlace(t)
	if _, err := certificate.Load(files.cert, files.key); err == nil || !strings.Contains(err.Error(), files.cert) {
		t.Errorf("without files: %v", err)
	}
	files.write(t, 1)
	other := newPlace(t)
	other.write(t, 2)
	if _, err := certificate.Load(files.cert, other.key); err == nil {
		t.Error("a key of another certificate is accepted")
	}
}
