package report_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/needs"
)

// TestReproduceFindsTokens repeats a login and what follows it against servers
// that write their answers in different ways; each time they grant another
// token and another id.
func TestReproduceFindsTokens(t *testing.T) {
	t.Parallel()
	needs.Programs(t, "sh", "curl", "awk")
	for name, login := range map[string]func(w http.ResponseWriter, token, id string){
		"tight": func(w http.ResponseWriter, token, id string) { fmt.Fprintf(w, `{"id":%s,"token":%q}`, id, token) },
		"loose": func(w http.ResponseWriter, token, id string) {
			fmt.Fprintf(w, "{\n  \"id\" : %s,\n  \"token\" : %q\n}\n", id, token)
		},
		"slashes": func(w http.ResponseWriter, token, id string) {
			fmt.Fprintf(w, `{"token":"%s","id":"%s"}`, strings.ReplaceAll(token, "/", `\/`), id)
		},
		"last": func(w http.ResponseWriter, token, id string) {
			fmt.Fprintf(w, `[{"id":1,"token":"a"},{"id":%s,"token":"%s"}]`, id, token)
		},
		"header": func(w http.ResponseWriter, token, id string) {
			w.Header().Set("X-Token", token)
			fmt.Fprintf(w, `{"id":%s}`, id)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var granted atomic.Int64
			token := func() string { return fmt.Sprintf("granted/%d+to+somebody", granted.Load()) }
			var secrets evidence.Secrets
			secrets.AddFrom("dialects.form.accounts.full.password", "password", `a&"b`)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				id := fmt.Sprint(40 + granted.Load())
				switch {
				case r.URL.Path == "/login" && r.FormValue("pass") == `a&"b`:
					granted.Add(1)
					login(w, token(), fmt.Sprint(40+granted.Load()))
				case r.URL.Path == "/sessions/"+id && r.Header.Get("X-Auth-Bearer") == token() && string(body) == `{"session_id":"`+id+`"}`:
					fmt.Fprint(w, "this very session")
				default:
					http.Error(w, "no", http.StatusTeapot)
				}
			}))
			t.Cleanup(server.Close)
			// What the harness saw when it did the same.
			seen := httptest.NewRecorder()
			granted.Add(1)
			login(seen, token(), "41")
			secrets.Add("token", token())
			var log evidence.Log
			log.Add(evidence.Exchange{Transport: "http", Method: "POST", URL: "http://127.0.0.1:1/login", RequestHeader: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
				RequestBody: "pass=a%26%22b", Status: "200 OK", ResponseHeader: seen.Header(), ResponseBody: seen.Body.String()})
			log.Add(evidence.Exchange{Transport: "http", Method: "POST", URL: "http://127.0.0.1:1/sessions/41",
				RequestHeader: http.Header{"X-Auth-Bearer": {token()}, "Content-Type": {"application/json"}}, RequestBody: `{"session_id":"41"}`, Status: "200 OK"})
			exposed := token()
			script := report.Shell{Secrets: &secrets, HTTP: "http://127.0.0.1:1"}.Reproduce(log.Exchanges(&secrets), "it is refused\nexpected\r 404; exit 3")
			if !strings.HasPrefix(script, "# it is refused\n# expected 404; exit 3\n") {
				t.Errorf("it does not begin with why:\n%s", script)
			}
			if strings.Contains(script, exposed) || strings.Contains(script, "a&") {
				t.Errorf("the script shows a secret:\n%s", script)
			}
			command := exec.CommandContext(t.Context(), "sh", "-c", script)
			command.Env = append(os.Environ(), `PASSWORD_1=a&"b`, "SUBJECT_HTTP="+server.URL) // it answers elsewhere now
			if out, err := command.CombinedOutput(); err != nil || !strings.HasSuffix(string(out), "this very session\n") {
				t.Errorf("%v: %s\n%s", err, out, script)
			}
			if out, err := exec.CommandContext(t.Context(), "sh", "-c", script).CombinedOutput(); err == nil || !strings.Contains(string(out), "set it to dialects.form.accounts.full.password of the manifest") {
				t.Errorf("without the variable it says %v: %s", err, out)
			}
		})
	}
}
