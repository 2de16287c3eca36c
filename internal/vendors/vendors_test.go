// Package vendors_test starts the servers of examples/vendors and tries them: a
// login and a protected call on each, over plain net/http and plain gRPC.
package vendors_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/needs"
)

// examples is where the vendors' servers stand.
var examples = filepath.Join("..", "..", "examples", "vendors")

// A vendor is one folder. Its command is the manifest's, but with port 0, so that
// the server takes a free port and says which.
type vendor struct {
	folder  string
	command []string
	try     func(t *testing.T, at addresses)
}

var vendors = []vendor{
	{"session-python", []string{"python3", "server.py", "--port", "0"}, trySession},
	{"form-python", []string{"python3", "server.py", "--port", "0"}, tryForm},
	{"rpc-node", []string{"node", "server.mjs", "--http-port", "0", "--grpc-port", "0"}, tryRPC},
	{"scoped-node", []string{"node", "server.mjs", "--port", "0"}, tryScoped},
}

func TestServersStartServeAndStop(t *testing.T) {
	t.Parallel()
	for _, v := range vendors {
		t.Run(v.folder, func(t *testing.T) {
			t.Parallel()
			v.try(t, start(t, v))
		})
	}
}

// addresses are where a started server listens.
type addresses struct {
	url  string // of HTTP, without a path
	grpc string // host:port; empty where there is none
}

// start runs a vendor's server until the test ends, and then checks that it stops
// when it is asked to.
func start(t *testing.T, v vendor) addresses {
	t.Helper()
	needs.Programs(t, v.command[0])
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, v.command[0], v.command[1:]...)
	cmd.Dir = filepath.Join(examples, v.folder)
	stderr := &strings.Builder{}
	cmd.Stderr = stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("open the server's output: %v", err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %v: %v", v.command, err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server did not stop in good order: %v", err)
		}
		if stderr.Len() > 0 {
			t.Errorf("the server complained:\n%s", stderr)
		}
	})

	var at addresses
	lines := bufio.NewScanner(stdout)
	for at.url == "" && lines.Scan() {
		if found, ok := strings.CutPrefix(lines.Text(), "gRPC on "); ok {
			at.grpc = found
		}
		at.url, _ = strings.CutPrefix(lines.Text(), "listening on ")
		if !strings.HasPrefix(at.url, "http://") {
			at.url = ""
		}
	}
	if at.url == "" {
		t.Fatalf("the server never said that it listens: %v", lines.Err())
	}
	return at
}

func trySession(t *testing.T, at addresses) {
	grant := do(t, http.StatusCreated, "POST", at.url+"/sessions", nil,
		`{"session":{"email":"anna@office.example","password":"correct-horse-battery"}}`)
	access, refresh := text(t, grant, "access_token"), text(t, grant, "refresh_token")
	do(t, http.StatusUnauthorized, "GET", at.url+"/users", nil, "")
	do(t, http.StatusOK, "GET", at.url+"/users", bearer(access), "")
	do(t, http.StatusCreated, "POST", at.url+"/tokens", bearer(access), `{"refresh_token":"`+refresh+`"}`)
	do(t, http.StatusBadRequest, "POST", at.url+"/tokens", bearer(access), `{"refresh_token":"`+refresh+`"}`)
}

func tryForm(t *testing.T, at addresses) {
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	grant := do(t, http.StatusOK, "POST", at.url+"/api/login", form, "login=kasia&pass=trzy-mokre-kasztany")
	old := text(t, grant, "token")
	do(t, http.StatusUnauthorized, "GET", at.url+"/api/items", nil, "")
	do(t, http.StatusOK, "GET", at.url+"/api/items", http.Header{"X-Auth-Bearer": {old}}, "")
	grant = do(t, http.StatusOK, "PUT", at.url+"/api/login", nil, `{"token":"`+old+`","longtoken":true}`)
	do(t, http.StatusNotFound, "GET", at.url+"/api/login?token="+old, nil, "")
	do(t, http.StatusNoContent, "DELETE", at.url+"/api/login?token="+text(t, grant, "token"), nil, "")
}

func tryRPC(t *testing.T, at addresses) {
	const login = `{"method":"axxonsoft.bl.auth.AuthenticationService.AuthenticateEx",` +
		`"data":{"user_name":"root","password":"seven-glass-lanterns"}}`
	const uptime = `{"method":"axxonsoft.bl.statistics.StatisticService.GetUptime","data":{}}`
	endpoint := at.url + "/asip-api/grpc"
	do(t, http.StatusUnauthorized, "POST", endpoint, nil, login)
	basic, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint, nil)
	basic.SetBasicAuth("root", "seven-glass-lanterns")
	grant := do(t, http.StatusOK, "POST", endpoint, basic.Header, login)
	token := text(t, grant, "token_value")
	do(t, http.StatusOK, "POST", endpoint, bearer(token), uptime)

	conn, err := grpc.NewClient(at.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatalf("make a gRPC client: %v", err)
	}
	defer conn.Close()
	closeSession := func(ctx context.Context) error {
		var request, reply []byte
		return conn.Invoke(ctx, "/axxonsoft.bl.auth.AuthenticationService/CloseSession",
			&request, &reply, grpc.ForceCodec(rawCodec{}))
	}
	if err := closeSession(t.Context()); status.Code(err) != codes.Unauthenticated {
		t.Errorf("gRPC without a token: %v, want code Unauthenticated", err)
	}
	withToken := metadata.AppendToOutgoingContext(t.Context(), text(t, grant, "token_name"), token)
	if err := closeSession(withToken); err != nil {
		t.Errorf("gRPC with a token: %v", err)
	}
	do(t, http.StatusUnauthorized, "POST", endpoint, bearer(token), uptime)
}

func tryScoped(t *testing.T, at addresses) {
	api := at.url + "/api/v1"
	grant := do(t, http.StatusOK, "POST", api+"/auth/token", nil,
		`{"username":"olga@fleet.example","password":"blue-ladder-monday","scopes":["GET /objects/:id"]}`)
	token := text(t, grant, "token")
	do(t, http.StatusUnauthorized, "GET", api+"/objects/42", nil, "")
	do(t, http.StatusOK, "GET", api+"/objects/42", bearer(token), "")
	do(t, http.StatusForbidden, "GET", api+"/objects", bearer(token), "")
}

// do sends a request, checks the status and returns the members of a JSON object,
// or nil where the answer is something else.
func do(t *testing.T, want int, method, url string, header http.Header, body string) map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatalf("make a request: %v", err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: read the answer: %v", method, url, err)
	}
	if response.StatusCode != want {
		t.Fatalf("%s %s: status %d, want %d", method, url, response.StatusCode, want)
	}
	var members map[string]any
	if json.Unmarshal(answer, &members) != nil {
		return nil
	}
	return members
}

func text(t *testing.T, members map[string]any, name string) string {
	t.Helper()
	value, _ := members[name].(string)
	if value == "" {
		t.Fatalf("the answer has no %s", name)
	}
	return value
}

func bearer(token string) http.Header {
	return http.Header{"Authorization": {"Bearer " + token}}
}

// rawCodec sends and receives the bytes of messages as they are.
type rawCodec struct{}

var errNotBytes = errors.New("rawCodec: the message is no *[]byte")

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(message any) ([]byte, error) {
	raw, ok := message.(*[]byte)
	if !ok {
		return nil, errNotBytes
	}
	return *raw, nil
}

func (rawCodec) Unmarshal(data []byte, message any) error {
	raw, ok := message.(*[]byte)
	if !ok {
		return errNotBytes
	}
	*raw = append([]byte(nil), data...)
	return nil
}
