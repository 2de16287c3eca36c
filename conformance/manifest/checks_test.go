package manifest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// declared is a manifest with all that a check looks at, each on a line of its own.
const declared = `subject:
  url: http://127.0.0.1:8080
  grpc: 127.0.0.1:9090
  ready: {path: /ready, timeout: 10s}
pace: {requests_per_second: 5, logins_per_minute: 5, connections: 5}
public_key: {url: /jwks.json}
known_deviations:
  - {id: SEC-06, dialect: form, reason: r, link: l, until: 2027-01-31}
dialects:
  session:
    login: /sessions
    accounts: {full: {email: a@example.com, password: b}}
    sessions_api: {list: /sessions, item: "/sessions/{id}", end: {method: DELETE, path: "/sessions/{id}"}}
    throttle: {attempts: 5, wait: 1m}
  form:
    valid_to: datetime
    time_zone: Europe/Warsaw
    accounts: {full: {login: a, password: b}}
  rpc:
    grpc: {}
    protected: axxonsoft.bl.domain.DomainService.GetVersion
    token_life: 4h
    accounts: {full: {login: a, password: b}}
    second_factor: {login: a, password: b, secret: JBSWY3DPEHPK3PXP}
    supervised: {login: a, password: b, supervisor: {login: c, password: d}}
  scoped:
    accounts: {full: {login: a, password: b}}
    resources: {list: /things, item: /things/1}
`

// TestChecks changes one value of a right manifest into a wrong one.
func TestChecks(t *testing.T) {
	t.Parallel()
	if _, err := parse(declared); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ right, wrong, problem string }{
		{"url: /jwks", "url: jwks", "public_key.url has to be a path that begins with /, or begin with http:// or https://"},
		{"timeout: 10s", "timeout: -1s", "subject.ready.timeout has to be positive"},
		{"path: /ready", "path: ready", "subject.ready.path has to be a path that begins with /"},
		{"  url: http://127.0.0.1:8080\n", "", "subject.url is missing: the root URL of the server"},
		{"http://127.0.0.1:8080", "http://a:b@127.0.0.1:8080", "subject.url has to be without user, query and fragment"},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080?a=b", "subject.url has to be without user, query and fragment"},
		{"http://127.0.0.1:8080", "ftp://127.0.0.1:8080", `subject.url has to be a whole URL, as "http://127.0.0.1:8080"`},
		{"grpc: 127.0.0.1:9090", "grpc: 127.0.0.1", `subject.grpc has to be a host and a port, as "127.0.0.1:9090"`},
		{"grpc: 127.0.0.1:9090", `grpc: "127.0.0.1:"`, `subject.grpc has to be a host and a port, as "127.0.0.1:9090"`},
		{"requests_per_second: 5", "requests_per_second: -1", "pace.requests_per_second must not be negative; 0 is no bound"},
		{"logins_per_minute: 5", "logins_per_minute: -1", "pace.logins_per_minute must not be negative; 0 is no bound"},
		{"connections: 5", "connections: -1", "pace.connections must not be negative; 0 is no bound"},
		{"dialect: form", "dialect: latin", "known_deviations[0].dialect has to be one of session, form, rpc, scoped"},
		{"reason: r, ", "", "known_deviations[0].reason is missing"},
		{"login: /sessions", "login: sessions", "dialects.session.login has to be a path that begins with /"},
		{`item: "/sessions/{id}"`, "item: /sessions/7", "dialects.session.sessions_api.item has to hold {id} in place of the session's id"},
		{"method: DELETE", "method: REMOVE", "dialects.session.sessions_api.end.method has to be one of GET, POST, PUT, PATCH, DELETE"},
		{"attempts: 5", "attempts: -1", "dialects.session.throttle.attempts has to be at least 1"},
		{"wait: 1m", "wait: -1m", "dialects.session.throttle.wait has to be positive"},
		{"valid_to: datetime", "valid_to: soon", `dialects.form.valid_to has to be one of auto, rfc3339, datetime, epoch_seconds, epoch_millis, or a layout as "02.01.2006 15:04"`},
		{"Europe/Warsaw", "Europe/Nowhere", `dialects.form.time_zone has to be UTC or a name as "Europe/Warsaw"`},
		{"token_life: 4h", "token_life: -4h", "dialects.rpc.token_life has to be positive"},
		{"protected: axxonsoft.bl.domain.DomainService.GetVersion", "protected: GetVersion", `dialects.rpc.protected has to be a full method name with dots, as "axxonsoft.bl.domain.DomainService.GetVersion"`},
		{"DomainService.GetVersion", "DomainService/GetVersion", `dialects.rpc.protected has to be a full method name with dots, as "axxonsoft.bl.domain.DomainService.GetVersion"`},
		{"secret: JBSWY3DPEHPK3PXP", "secret: '1'", "dialects.rpc.second_factor.secret has to be the authenticator's secret in base32, as JBSWY3DPEHPK3PXP"},
		{"supervised: {login: a, ", "supervised: {", "dialects.rpc.supervised.login is missing"},
		{"supervisor: {login: c, ", "supervisor: {", "dialects.rpc.supervised.supervisor.login is missing"},
		{"item: /things/1", "item: /other/1", "dialects.scoped.resources.item has to be one segment below /things"},
		{"item: /things/1", "item: /things/1/2", "dialects.scoped.resources.item has to be one segment below /things"},
		{"url: http://127.0.0.1:8080\n  grpc: 127.0.0.1:9090", "image: a:1\n  ports: {http: 80}", "subject.ports.grpc is missing: the port of direct gRPC inside the container, for dialects.rpc.grpc"},
	} {
		text := strings.Replace(declared, row.right, row.wrong, 1)
		if text == declared {
			t.Errorf("%q does not stand in the manifest", row.right)
		}
		_, err := parse(text)
		if err == nil || !strings.Contains(err.Error(), ": "+row.problem) {
			t.Errorf("%q says %v, want %s", row.wrong, err, row.problem)
		}
	}
}

// TestFilesStartAtTheManifest: relative files and folders start where the manifest is.
func TestFilesStartAtTheManifest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "dragoman.yaml")
	text := `subject:
  dockerfile: {context: server}
  ports: {http: 80, grpc: 90}
  tls: {ca: ca.pem, cert: /etc/cert.pem, key: ../key.pem}
public_key: {file: key.pub}
clock: {command: [move, "{seconds}"]}
dialects: {rpc: {grpc: {tls: true, trust: {ca: rpc.pem}}, accounts: {full: {login: a, password: b}}}}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := manifest.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][2]string{
		{m.Subject.Dockerfile.Context, filepath.Join(dir, "server")},
		{m.Subject.TLS.CA, filepath.Join(dir, "ca.pem")},
		{m.Subject.TLS.Cert, "/etc/cert.pem"},
		{m.Subject.TLS.Key, filepath.Join(filepath.Dir(dir), "key.pem")},
		{m.PublicKey.File, filepath.Join(dir, "key.pub")},
		{m.Clock.Dir, dir},
		{m.TrustOverGRPC().CA, filepath.Join(dir, "rpc.pem")},
	} {
		if row[0] != row[1] {
			t.Errorf("it is %s, want %s", row[0], row[1])
		}
	}
}

// TestDraftOfAnUnknownDialect says which there are.
func TestDraftOfAnUnknownDialect(t *testing.T) {
	t.Parallel()
	_, err := manifest.Draft{Dialects: []string{"latin"}}.YAML()
	if want := `draft a manifest: no dialect "latin"; there are session, form, rpc, scoped`; err == nil || err.Error() != want {
		t.Errorf("it says %v, want %s", err, want)
	}
}
