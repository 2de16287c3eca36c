package report_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/needs"
)

// TestReproduceThroughAShell runs the line in a shell and looks at what comes
// over the wire.
func TestReproduceThroughAShell(t *testing.T) {
	t.Parallel()
	needs.Programs(t, "sh", "curl")
	type seen struct{ method, uri, body, contentType, authorization, empty string }
	requests := make(chan seen, 16) // more than one are too many
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests <- seen{r.Method, r.RequestURI, string(body), r.Header.Get("Content-Type"), r.Header.Get("Authorization"), strings.Join(r.Header["X-Empty"], "|")}
	}))
	t.Cleanup(server.Close)
	tests := map[string]struct {
		exchange evidence.Exchange
		want     seen
	}{
		"a plain GET": {
			evidence.Exchange{Method: "GET", URL: server.URL + "/a/../b//c?x=1&y=$HOME"},
			seen{method: "GET", uri: "/a/../b//c?x=1&y=$HOME"},
		},
		"secrets and quotes": {
			evidence.Exchange{Method: "PUT", URL: server.URL + "/a?token=[token-12]", RequestBody: "it's \"[password-1]\" `x` $(y)\n@é",
				RequestHeader: http.Header{"Content-Type": {"text/plain"}, "Authorization": {"Bearer [token-12]"}, "X-Empty": {""}}},
			seen{"PUT", "/a?token=t0ken", "it's \"pass 'word'\" `x` $(y)\n@é", "text/plain", "Bearer t0ken", ""},
		},
		"a body without a type": {
			evidence.Exchange{Method: "POST", URL: server.URL + "/a", RequestBody: "@a"},
			seen{method: "POST", uri: "/a", body: "@a"},
		},
		"brackets and braces": {
			evidence.Exchange{Method: "GET", URL: server.URL + "/{a,b}/[token-13]?ids[]=1"},
			seen{method: "GET", uri: "/{a,b}/{1,2}[3-4]?ids[]=1"},
		},
		"a DELETE": {evidence.Exchange{Method: "DELETE", URL: server.URL + "/a"}, seen{method: "DELETE", uri: "/a"}},
	}
	for name, test := range tests {
		line := report.Shell{}.Reproduce([]evidence.Exchange{test.exchange}, "")
		command := exec.CommandContext(t.Context(), "sh", "-c", line)
		command.Env = append(os.Environ(), "TOKEN_12=t0ken", "TOKEN_13={1,2}[3-4]", "PASSWORD_1=pass 'word'", "no_proxy=*")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s\n%s", name, err, out, line)
		}
		if got := <-requests; got != test.want || len(requests) > 0 {
			t.Fatalf("%s: the server saw %+v\nof %s", name, got, line)
		}
	}
}

func TestReproduceGRPC(t *testing.T) {
	t.Parallel()
	got := report.Shell{}.Reproduce([]evidence.Exchange{{
		Transport: "grpc", Method: "/axxonsoft.bl.auth.AuthenticationService/AuthenticateEx", URL: "127.0.0.1:9090",
		RequestHeader: http.Header{"auth_token": {"[token-1]"}}, RequestBody: `{"user_name":"root","password":"[password-1]"}`,
	}}, "")
	got = got[strings.Index(got, "\ngrpcurl")+1:] // behind the lines that ask for the variables
	want := `grpcurl -emit-defaults -plaintext -H 'auth_token: '"$TOKEN_1" -d '{"user_name":"root","password":"'"$PASSWORD_1"'"}' 127.0.0.1:9090 axxonsoft.bl.auth.AuthenticationService/AuthenticateEx 2>&1`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
