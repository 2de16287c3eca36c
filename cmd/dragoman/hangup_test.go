//go:build unix

package main

import (
	"bytes"
	"crypto/tls"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// dialed is one connection to a gRPC listener.
type dialed struct {
	t    *testing.T
	conn *grpc.ClientConn
}

func dialTLS(t *testing.T, address string, config *tls.Config) dialed {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(config)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return dialed{t, conn}
}

// logIn makes a call. It returns the serial number of the certificate that the server
// showed, and the client's address: another port is another connection.
func (d dialed) logIn() (serial int64, from string) {
	d.t.Helper()
	var p peer.Peer
	answer, err := rpcpb.NewAuthenticationServiceClient(d.conn).AuthenticateEx(d.t.Context(),
		&rpcpb.AuthenticateRequest{UserName: "root", Password: "root"}, grpc.Peer(&p))
	if err != nil || answer.GetTokenValue() == "" {
		d.t.Fatalf("log in over gRPC: %v %v", answer, err)
	}
	return p.AuthInfo.(credentials.TLSInfo).State.PeerCertificates[0].SerialNumber.Int64(), p.LocalAddr.String()
}

// TestHangupReloadsTheCertificate renews the certificate under a running server
// with open gRPC connections: new ones are shown the new certificate, open ones
// stay, and a broken file changes nothing. Size and time of the files stay the same, so
// only the signal tells the server.
func TestHangupReloadsTheCertificate(t *testing.T) {
	t.Parallel()
	first := newPair(t, 1)
	second, third := newPairOfSize(t, 2, first), newPairOfSize(t, 3, first)
	broken := pair{bytes.Repeat([]byte("?"), len(first.cert)), first.key}
	dir, config := t.TempDir(), trusting(first, second, third)
	cert, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	first.write(t, cert, key)
	p := startServeBoth(t, ownBinary(t), "serve", "--demo", "--grpc", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key)

	type opened struct {
		dialed
		serial int64
		from   string
	}
	var open []opened
	check := func(when string, want int64) {
		t.Helper()
		for _, o := range open {
			if serial, from := o.logIn(); serial != o.serial || from != o.from {
				t.Errorf("%s, a connection of certificate %d from %s goes on with %d from %s", when, o.serial, o.from, serial, from)
			}
		}
		fresh := opened{dialed: dialTLS(t, p.grpc, config)}
		if fresh.serial, fresh.from = fresh.logIn(); fresh.serial != want {
			t.Errorf("%s, a new connection is shown certificate %d, want %d", when, fresh.serial, want)
		}
		open = append(open, fresh)
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: config.Clone(), DisableKeepAlives: true}}
		resp, err := client.Get(p.url + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if serial := resp.TLS.PeerCertificates[0].SerialNumber.Int64(); serial != want {
			t.Errorf("%s, HTTP shows certificate %d, want %d", when, serial, want)
		}
	}
	check("at first", 1)
	second.write(t, cert, key)
	check("before the signal", 1)
	p.signal(syscall.SIGHUP, "the certificate was reloaded")
	check("after the signal", 2)
	broken.write(t, cert, key)
	p.signal(syscall.SIGHUP, "the certificate was not reloaded, the current one remains in use")
	check("with a broken file", 2)
	third.write(t, cert, key)
	p.signal(syscall.SIGHUP, "the certificate was reloaded")
	check("with a good file again", 3)
	for _, o := range open {
		o.conn.Close()
	}
	p.terminate()
	for _, written := range []pair{first, second, third} {
		if strings.Contains(p.logged(), strings.Split(string(written.key), "\n")[1]) {
			t.Error("the log holds a key")
		}
	}
}

// TestHangupWithoutACertificate: there is nothing to reload, and no reason to
// end.
func TestHangupWithoutACertificate(t *testing.T) {
	t.Parallel()
	p, c := startServe(t, ownBinary(t), "serve", "--demo"), newCaller(t)
	token := c.formLogin(p.url).member("token")
	for range 2 {
		p.signal(syscall.SIGHUP, "SIGHUP reloads nothing")
		if r := c.items(p.url, token); r.status != 200 {
			t.Errorf("after SIGHUP a token answers %v", r)
		}
	}
	c.CloseIdleConnections()
	p.terminate()
}
