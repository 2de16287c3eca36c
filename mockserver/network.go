package mockserver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/dragoman-auth/dragoman/internal/memnet"
	"github.com/dragoman-auth/dragoman/reference"
)

// memoryHost is the host of a mock in memory (RFC 2606).
const memoryHost = "mock.example"

// idleTime is how long a connection of the mock's own client to another server is kept.
const idleTime = 90 * time.Second

// network is where a mock listens, and how its own clients reach it.
type network struct {
	http, grpc net.Listener // grpc is nil without gRPC
	memory     bool
	authority  *authority // nil: plain text
	closing    chan struct{}

	mu      *sync.Mutex
	clients []func()
	client  *http.Client
}

// open opens the listeners.
func (s *settings) open() (network, error) {
	n := network{memory: s.memory, closing: make(chan struct{}), mu: new(sync.Mutex)}
	if s.tls {
		var err error
		if n.authority, err = sharedAuthority(); err != nil {
			return n, err
		}
	}
	if s.memory {
		n.http = memnet.Listen("http")
		if s.grpcAddress != "" {
			n.grpc = memnet.Listen("grpc")
		}
		return n, nil
	}
	var err error
	n.http, n.grpc, err = reference.Listen(context.Background(), s.httpAddress, s.grpcAddress)
	return n, err
}

func (n *network) url() string {
	scheme := "http://"
	if n.authority != nil {
		scheme = "https://"
	}
	if n.memory {
		return scheme + memoryHost
	}
	return scheme + n.http.Addr().String()
}

func (n *network) grpcAddr() string {
	switch {
	case n.grpc == nil:
		return ""
	case n.memory:
		return memoryHost
	}
	return n.grpc.Addr().String()
}

// serveHTTP serves until the server is closed.
func (n *network) serveHTTP(server *http.Server) {
	if n.authority == nil {
		_ = server.Serve(n.http)
		return
	}
	server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{n.authority.leaf}}
	_ = server.ServeTLS(n.http, "", "")
}

func (n *network) grpcOptions() []grpc.ServerOption {
	if n.authority == nil {
		return nil
	}
	return []grpc.ServerOption{grpc.Creds(credentials.NewServerTLSFromCert(&n.authority.leaf))}
}

// close closes the gRPC listener and the mock's own connections to it.
func (n *network) close() error {
	close(n.closing)
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, end := range n.clients {
		end()
	}
	if n.grpc == nil {
		return nil
	}
	if err := n.grpc.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Client returns a client that reaches the mock: it trusts its certificate
// ([WithTLS]), and it connects in memory where the mock is there ([WithMemory]). Its
// connections end with the mock. It keeps no cookies.
func (s *Server) Client() *http.Client {
	n := &s.network
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.client == nil {
		// Connections to the mock end with it. To close idle ones here could cost an answer:
		// net/http takes a connection for idle just before it delivers one without a body.
		transport := &http.Transport{TLSClientConfig: n.trust(), Protocols: new(http.Protocols), IdleConnTimeout: idleTime}
		transport.Protocols.SetHTTP1(true)
		transport.Protocols.SetHTTP2(n.authority != nil) // to set HTTP/2 up takes time, and without TLS it is not used
		if listener, is := n.http.(*memnet.Listener); is {
			transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return listener.Dial(ctx) }
		}
		n.client = &http.Client{Transport: transport}
	}
	return n.client
}

// GRPC returns a new connection to the gRPC listener, as Client does for HTTP. It
// ends with the mock. The error says that the mock has no gRPC, or what is wrong
// with an option.
func (s *Server) GRPC(opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	n := &s.network
	if n.grpc == nil {
		return nil, errors.New("connect to the mock: it serves no gRPC")
	}
	own := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if n.authority != nil {
		own = []grpc.DialOption{grpc.WithTransportCredentials(credentials.NewTLS(n.trust()))}
	}
	if listener, is := n.grpc.(*memnet.Listener); is {
		own = append(own, grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.Dial(ctx) }))
	}
	conn, err := grpc.NewClient("passthrough:///"+s.GRPCAddr, append(own, opts...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to the mock: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.clients = append(n.clients, func() { _ = conn.Close() })
	return conn, nil
}

// CertificatePEM returns the certificate of the authority that clients of a mock
// with TLS have to trust, and nil without TLS.
func (s *Server) CertificatePEM() []byte {
	if s.network.authority == nil {
		return nil
	}
	return s.network.authority.pem
}

// trust is the TLS of the mock's own clients; nil without TLS.
func (n *network) trust() *tls.Config {
	if n.authority == nil {
		return nil
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(n.authority.pem)
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
}
