package main

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/dragoman-auth/dragoman/internal/needs"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// moved is a text of a deployment with its names and ports replaced by those of this
// machine: pairs of old and new. Each old one has to be there.
func moved(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("there is no %q in\n%s", pairs[i], text)
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// TestDeployedTogether runs what compose.yaml describes, with its settings and commands,
// on this machine: the proxy, two replicas, PgBouncer with a password, PostgreSQL.
func TestDeployedTogether(t *testing.T) {
	t.Parallel()
	haproxy := needs.Program(t, "haproxy")
	cluster, file := pgtest.New(t), compose(t)
	store := pooled(t, cluster, file)

	argv := strings.Join(file.Services["dragoman1"].Command, " ")
	var replicas [2]*process
	balanced := moved(t, deployed(t, "haproxy.cfg"), "127.0.0.11:53", "127.0.0.1:53")
	for i := range replicas {
		admin := pgtest.ReservePort(t)
		here := moved(t, argv, ":9090", "127.0.0.1:0", ":9100", fmt.Sprintf("127.0.0.1:%d", admin), "172.30.0.0/24", "127.0.0.1")
		replicas[i] = startServeBoth(t, append([]string{ownBinary(t)}, append(strings.Fields(here), "--demo", "--store", store)...)...)
		name := fmt.Sprint("dragoman", i+1)
		balanced = moved(t, balanced,
			" "+name+":8080", fmt.Sprintf(" %s port %d", strings.TrimPrefix(replicas[i].url, "http://"), admin),
			" "+name+":9090", " "+replicas[i].grpc)
	}
	port := pgtest.ReservePort(t)
	folder := t.TempDir()
	certificate, settings, both := newPair(t, 1), filepath.Join(folder, "haproxy.cfg"), filepath.Join(folder, "tls.pem")
	balanced = moved(t, balanced, "bind :8443", fmt.Sprintf("bind 127.0.0.1:%d", port), "/usr/local/etc/haproxy/tls.pem", both)
	for path, text := range map[string]string{settings: balanced, both: string(certificate.cert) + string(certificate.key)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), haproxy, "-c", "-f", settings).CombinedOutput(); err != nil || strings.Contains(string(out), "[WARNING]") {
		t.Fatalf("haproxy -c: %v\n%s", err, out)
	}
	listen(t, exec.Command(haproxy, "-db", "-f", settings), port)

	// A client with an address of its own.
	trust := trusting(certificate)
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	transport := &http.Transport{TLSClientConfig: trust, ForceAttemptHTTP2: true, DialContext: dialer.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	c := &caller{http.Client{Transport: transport}, t}
	base := fmt.Sprintf("https://127.0.0.1:%d", port)
	token := "Authorization: Bearer " + c.openSession(base).member("access_token")
	for range 10 { // by both replicas
		list := c.send("GET", base+"/sessions", "", token, "X-Forwarded-For: 203.0.113.9")
		if list.status != http.StatusOK || !strings.Contains(string(list.body), `"ip_address":"127.0.0.2"`) {
			t.Fatalf("through the proxy: %v", list)
		}
	}
	conn, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", port), grpc.WithTransportCredentials(credentials.NewTLS(trust)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	login := &rpcpb.AuthenticateRequest{UserName: "root", Password: "root"}
	if answer, err := rpcpb.NewAuthenticationServiceClient(conn).AuthenticateEx(t.Context(), login); err != nil || answer.GetTokenValue() == "" {
		t.Errorf("a login over gRPC through the proxy: %v, %v", answer, err)
	}

	replicas[0].kill()
	for range 10 {
		if list := c.send("GET", base+"/sessions", "", token); list.status != http.StatusOK {
			t.Errorf("after the end of a replica: %v", list)
		}
	}
}

// pooled starts PgBouncer as compose.yaml does, and returns the URL of a database through
// it, for the user and with the password of the deployment.
func pooled(t *testing.T, cluster *pgtest.Cluster, file composed) string {
	t.Helper()
	program, database := needs.Program(t, "pgbouncer"), cluster.Database(t)
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "CREATE ROLE dragoman LOGIN SUPERUSER"); err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	port, dir := pgtest.ReservePort(t), cluster.Dir()
	ini := moved(t, deployed(t, "pgbouncer.ini"),
		"dragoman = host=db port=5432", fmt.Sprintf("* = host=127.0.0.1 port=%s", at.Port()),
		"listen_addr = *", "listen_addr = 127.0.0.1", "6432", fmt.Sprint(port), "/tmp/users", filepath.Join(dir, "users"))
	settings := filepath.Join(dir, "deployed.ini")
	if err := os.WriteFile(settings, []byte(ini), 0o644); err != nil {
		t.Fatal(err)
	}
	service := file.Services["pgbouncer"]
	if len(service.Command) != 3 {
		t.Fatalf("PgBouncer starts by %q, and not by a shell", service.Command)
	}
	script := moved(t, service.Command[2], "$$", "$", "/tmp/users", filepath.Join(dir, "users"),
		"exec pgbouncer ", "exec "+program+" ", "/etc/pgbouncer/pgbouncer.ini", settings)
	command := exec.Command(service.Command[0], service.Command[1], script)
	for name := range service.Environment {
		command.Env = append(command.Env, name+"=long-and-random")
	}
	cluster.Serve(t, command, port)
	return fmt.Sprintf("postgres://dragoman:long-and-random@127.0.0.1:%d%s?sslmode=disable", port, at.Path)
}

// listen starts a program, waits until it listens on a port, and stops it with the test.
func listen(t *testing.T, command *exec.Cmd, port int) {
	t.Helper()
	var said strings.Builder
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-ended
	})
	for {
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = conn.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v\n%s", command.Path, err, said.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
}
