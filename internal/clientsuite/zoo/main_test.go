package zoo

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/dragoman-auth/dragoman/internal/clientsuite"
)

// TestMain is also the process of a client: the judge starts the test program again.
func TestMain(m *testing.M) {
	if os.Getenv("DRAGOMAN_URL") == "" {
		goleak.VerifyTestMain(m)
		return
	}
	if err := process(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// process runs a client of this package in a process of its own, over the network.
func process(name string) error {
	program, known := map[string]clientsuite.Program{"sdk": SDK(), "oauth2": OAuth2()}[name].(clientsuite.Func)
	if !known {
		return fmt.Errorf("there is no client %q", name)
	}
	env := clientsuite.Environment{
		URL: os.Getenv("DRAGOMAN_URL"), Dialect: os.Getenv("DRAGOMAN_DIALECT"), Login: os.Getenv("DRAGOMAN_LOGIN"), Password: os.Getenv("DRAGOMAN_PASSWORD"),
		GRPC: os.Getenv("DRAGOMAN_GRPC"), Store: os.Getenv("DRAGOMAN_STORE"), Verbose: os.Getenv("DRAGOMAN_VERBOSE") != "",
	}
	transport := &http.Transport{}
	if path := os.Getenv("DRAGOMAN_CA"); path != "" {
		pem, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	env.HTTP = &http.Client{Transport: transport}
	env.DialGRPC = func(opts ...grpc.DialOption) (*grpc.ClientConn, error) {
		return grpc.NewClient(env.GRPC, append([]grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}, opts...)...)
	}
	return program(context.Background(), env, os.Stdin, os.Stdout, os.Stderr)
}
