package reference_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

func TestMain(m *testing.M) {
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			code = 1
		}
	}
	os.Exit(code)
}

// testSigner is one RSA key for all tests, because making one is slow.
var testSigner = sync.OnceValue(func() grant.Signer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	signer, err := grant.RS256(key)
	if err != nil {
		panic(err)
	}
	return signer
})

// office is a reference server with a clock that the test moves.
type office struct {
	t     *testing.T
	url   string
	grpc  string
	clock *clock.Offset
	http  *http.Client
}

// inMemory returns an office without a port, for tests with testing/synctest. The
// clock is that of the configuration.
func inMemory(t *testing.T, cfg reference.Config) *office {
	t.Helper()
	server, err := reference.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &office{t: t, url: "http://192.0.2.1", http: &http.Client{Transport: memhttp.Transport(server.Handler())}}
}

// open starts a server on loopback ports, with the demo accounts and a cheap
// hasher; change edits its configuration.
func open(t *testing.T, change ...func(*reference.Config)) *office {
	t.Helper()
	o := &office{t: t, clock: clock.NewOffset(nil), http: http.DefaultClient}
	cfg := reference.Config{
		Accounts: reference.DemoAccounts(), Clock: o.clock, Hasher: account.FastHasher{}, RPCSigner: testSigner(),
	}
	for _, c := range change {
		c(&cfg)
	}
	server, err := reference.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	httpListener, grpcListener := listen(t), listen(t)
	o.url, o.grpc = "http://"+httpListener.Addr().String(), grpcListener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, httpListener, grpcListener) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return o
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// dial opens a gRPC connection to the office.
func (o *office) dial() *grpc.ClientConn {
	o.t.Helper()
	conn, err := grpc.NewClient(o.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { conn.Close() })
	return conn
}

// reply is an answer with its whole body.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// member returns one member of a JSON object as text; strings come without
// quotes, absent members are "".
func (r reply) member(name string) string {
	var object map[string]json.RawMessage
	if json.Unmarshal(r.body, &object) != nil {
		return ""
	}
	var text string
	if json.Unmarshal(object[name], &text) == nil {
		return text
	}
	return string(object[name])
}

// send makes a request. Headers are "Name: value".
func (o *office) send(method, path, body string, headers ...string) reply {
	o.t.Helper()
	r, err := o.try(method, path, body, headers...)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

// try is send for goroutines other than the test's.
func (o *office) try(method, path, body string, headers ...string) (reply, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, o.url+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Add(name, value)
	}
	resp, err := o.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return reply{status: resp.StatusCode, header: resp.Header, body: text}, err
}

// want fails unless the answer has the status.
func (o *office) want(what string, r reply, status int) reply {
	o.t.Helper()
	if r.status != status {
		o.t.Errorf("%s: status %d, want %d; body %s", what, r.status, status, bytes.TrimSpace(r.body))
	}
	return r
}

func basic(user, password string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}
