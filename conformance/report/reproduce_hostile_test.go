package report_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/needs"
)

// TestReproduceRunsNothingOfTheServer has a server put commands wherever it has
// a say: into what the evidence shows, as it is and behind a pseudonym, and into
// what the script gets from it.
func TestReproduceRunsNothingOfTheServer(t *testing.T) {
	t.Parallel()
	needs.Programs(t, "sh", "curl", "awk")
	for _, hostile := range []string{
		"$(touch pwned)", "`touch pwned`", "';touch pwned;'", "'\ntouch pwned\n'", `";touch pwned;"`, "x;touch pwned", "x\ntouch pwned #",
		`'"$(touch pwned)"'`, "[password-1]$(touch pwned)", "[x-1]';touch pwned;'", "[2 × a]$(touch pwned)", `\';touch pwned;\'`, "-o pwned", "@pwned",
	} {
		for what, secrets := range map[string]*evidence.Secrets{"shown": {}, "hidden": hostileSecrets(hostile)} {
			t.Run(hostile+" "+what, func(t *testing.T) {
				t.Parallel()
				secrets.AddFrom("dialects.form.accounts.full.password", "password", "the password")
				answer := hostileAnswer(hostile)
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("X-Id", hostile)
					fmt.Fprint(w, answer)
				}))
				t.Cleanup(server.Close)
				script := report.Shell{Secrets: secrets}.Reproduce(hostileLog(server.URL, hostile).Exchanges(secrets), hostile)
				command := exec.CommandContext(t.Context(), "sh", "-c", script)
				command.Dir, command.Env = t.TempDir(), []string{"PATH=" + os.Getenv("PATH")}
				for _, asks := range regexp.MustCompile(`(?m)^: "\$\{([A-Z0-9_]+):`).FindAllStringSubmatch(script, -1) {
					command.Env = append(command.Env, asks[1]+"="+hostile)
				}
				out, _ := command.CombinedOutput() // curl may refuse what it is to send
				if files, err := os.ReadDir(command.Dir); err != nil || len(files) > 0 {
					t.Errorf("it made %v (%v): %s\nof\n%s", files, err, out, script)
				}
				if !strings.Contains(string(out), "# 4: DELETE ") {
					t.Errorf("it did not come to its end: %s\nof\n%s", out, script)
				}
			})
		}
	}
}

// hostileSecrets are tokens that a server chose, and those made of them.
func hostileSecrets(hostile string) *evidence.Secrets {
	var secrets evidence.Secrets
	secrets.Add("token", hostile)
	secrets.Add("token", "y."+hostile+".z")
	secrets.Add("made-up-token", hostile+"x")
	secrets.AddForged(hostile+"."+hostile+".x", []byte(hostile))
	return &secrets
}

func hostileAnswer(hostile string) string {
	written, err := json.Marshal(hostile)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`[{"id":%s,"agent":"somebody else"},{"id":%[1]s,"agent":"agent of the suite","token":%[1]s,%[1]s:%[1]s}]`, written)
}

// hostileLog is what the suite saw of such a server.
func hostileLog(root, hostile string) *evidence.Log {
	var log evidence.Log
	for _, e := range []evidence.Exchange{
		{Method: "POST", URL: "/a", RequestBody: hostile},
		{Method: "GET", URL: "/" + url.PathEscape(hostile) + "?q=" + url.QueryEscape(hostile), RequestHeader: http.Header{"User-Agent": {"agent of the suite"}, "X-Told": {hostile}}},
		{Method: "PUT", URL: "/x", RequestHeader: http.Header{hostile: {hostile}}, RequestBody: hostile + "x " + hostile + "." + hostile + ".x y." + hostile + ".z"},
		{Method: "DELETE", URL: "/" + hostile, Error: hostile},
	} {
		e.Transport, e.URL = "http", root+e.URL
		e.ResponseHeader, e.ResponseBody = http.Header{hostile: {hostile}, "X-Id": {hostile}}, hostileAnswer(hostile)
		log.Add(e)
	}
	return &log
}

// TestReproduceIntoAFile keeps all that a script prints, in its order, when it
// goes into a file.
func TestReproduceIntoAFile(t *testing.T) {
	t.Parallel()
	needs.Programs(t, "sh", "curl", "awk")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"of":%q,"token":"granted to somebody","other":"granted to another"}`, r.URL.Path)
	}))
	t.Cleanup(server.Close)
	var secrets evidence.Secrets
	secrets.Add("token", "granted to nobody")
	secrets.Add("token", "granted to no other")
	var log evidence.Log
	for i, token := range []string{"", "granted to nobody", "granted to no other"} {
		log.Add(evidence.Exchange{Transport: "http", Method: "GET", URL: fmt.Sprint(server.URL, "/", i+1), RequestHeader: http.Header{"X-Token": {token}},
			ResponseBody: []string{`{"token":"granted to nobody"}`, `{"other":"granted to no other"}`, ""}[i]})
	}
	script := report.Shell{Secrets: &secrets}.Reproduce(log.Exchanges(&secrets), "")
	file, err := os.Create(filepath.Join(t.TempDir(), "printed"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "sh", "-c", script)
	command.Stdout = file
	var errors strings.Builder
	command.Stderr = &errors
	if err := command.Run(); err != nil || errors.Len() > 0 {
		t.Errorf("%v: %s", err, errors.String())
	}
	printed, err := os.ReadFile(file.Name())
	if err := file.Close(); err != nil {
		t.Error(err)
	}
	got := regexp.MustCompile(`(?m)^# [0-9]+:|"of":"[^"]*"`).FindAllString(string(printed), -1)
	if want := []string{"# 1:", `"of":"/1"`, "# 2:", `"of":"/2"`, "# 3:", `"of":"/3"`}; err != nil || !slices.Equal(got, want) {
		t.Errorf("the file has %q (%v)\n%s\nof\n%s", got, err, printed, script)
	}
}

// TestReproduceMarksNoLogin tells sessions by a header of the suite's own, and
// leaves alone what else a list repeats: another login would be refused.
func TestReproduceMarksNoLogin(t *testing.T) {
	t.Parallel()
	sessions := `[{"id":1234567,"agent":"agent of the suite","user":"somebody"},{"id":8,"agent":"a browser","user":"another one"}]`
	exchanges := []evidence.Exchange{
		{Transport: "http", Method: "POST", URL: "http://127.0.0.1:1/login", RequestBody: `{"login":"somebody"}`, RequestHeader: http.Header{"User-Agent": {"agent of the suite"}}},
		{Transport: "http", Method: "GET", URL: "http://127.0.0.1:1/sessions", ResponseBody: sessions},
		{Transport: "http", Method: "DELETE", URL: "http://127.0.0.1:1/sessions/1234567"},
	}
	for range 20 { // members have no order
		script := report.Shell{}.Reproduce(exchanges, "")
		if !strings.Contains(script, `{"login":"somebody"}`) || !strings.Contains(script, `'User-Agent: '"$MARK_1"`) || !strings.Contains(script, `grep -F "$MARK_1"`) {
			t.Fatalf("it is\n%s", script)
		}
	}
}
