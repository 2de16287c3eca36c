package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// settings parses a command line of serve and fills in the rest.
func settings(t *testing.T, file string, environment map[string]string, args ...string) (serveFlags, error) {
	t.Helper()
	var flags serveFlags
	set := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	flags.register(set)
	if file != "" {
		path := filepath.Join(t.TempDir(), "serve.yaml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", path)
	}
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return flags, applySettings(set, func(name string) (string, bool) {
		value, found := environment[name]
		return value, found
	})
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	const file = "listen: :1\ngrpc: \"\"\ndialects: [form, rpc]\ndrain-delay: 5s\ndemo: true\n"
	for _, row := range []struct {
		what        string
		file        string
		environment map[string]string
		args        []string
		want        string
	}{
		{"default", "", nil, nil, "127.0.0.1:8080"},
		{"file", file, nil, nil, ":1"},
		{"environment over file", file, map[string]string{"DRAGOMAN_LISTEN": ":2"}, nil, ":2"},
		{"flag over environment", file, map[string]string{"DRAGOMAN_LISTEN": ":2"}, []string{"--listen", ":3"}, ":3"},
		{"an empty variable says nothing", file, map[string]string{"DRAGOMAN_LISTEN": ""}, nil, ":1"},
	} {
		flags, err := settings(t, row.file, row.environment, row.args...)
		if err != nil || flags.listen != row.want {
			t.Errorf("%s: %q, want %q (%v)", row.what, flags.listen, row.want, err)
		}
	}
	for _, row := range []struct {
		file        string
		environment map[string]string
		args        []string
		want        string
	}{
		{"dialect: [form, rpc]\n", nil, nil, "[form rpc]"},
		{file, nil, nil, "[form rpc]"},
		{file, map[string]string{"DRAGOMAN_DIALECT": "session"}, nil, "[session]"},
		{file, map[string]string{"DRAGOMAN_DIALECTS": "session,form"}, nil, "[session form]"},
		{file, map[string]string{"DRAGOMAN_DIALECT": "", "DRAGOMAN_DIALECTS": "session"}, nil, "[session]"},
		{file, map[string]string{"DRAGOMAN_DIALECTS": "session,form"}, []string{"--dialects", "rpc", "--dialect", "scoped"}, "[rpc scoped]"},
	} {
		if flags, err := settings(t, row.file, row.environment, row.args...); err != nil || fmt.Sprint(flags.dialects) != row.want {
			t.Errorf("dialects of %q, %v, %v: %v, want %s (%v)", row.file, row.environment, row.args, flags.dialects, row.want, err)
		}
	}
	flags, err := settings(t, file, map[string]string{"DRAGOMAN_TRUSTED_PROXY": "10.0.0.0/8,::1"})
	if err != nil || flags.grpc != "" || flags.drainDelay != 5*time.Second || !flags.demo ||
		!slices.Equal(flags.dialects, []string{"form", "rpc"}) || !slices.Equal(flags.proxies, []string{"10.0.0.0/8", "::1"}) {
		t.Errorf("the settings are %+v (%v)", flags, err)
	}
}

func TestPrecedenceOfTheStore(t *testing.T) {
	t.Parallel()
	const file = "store: \"memory:\"\n"
	for _, row := range []struct {
		what        string
		environment map[string]string
		args        []string
		url, dir    string
	}{
		{"file", nil, nil, "memory:", ""},
		{"another flag", nil, []string{"--data-dir", "d"}, "", "d"},
		{"a variable, which the store reads later", map[string]string{"DRAGOMAN_DATA_DIR": "d"}, nil, "", ""},
	} {
		flags, err := settings(t, file, row.environment, row.args...)
		if err != nil || flags.store.url != row.url || flags.store.dataDir != row.dir {
			t.Errorf("%s: %+v (%v)", row.what, flags.store, err)
		}
	}
}

func TestSettingsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"lisen: :1":                 `unknown key "lisen"; did you mean "listen"? the keys are admin, admin-password-file, admin-tls-cert, admin-tls-key, audit, `,
		"config: x":                 `unknown key "config"`,
		"listen:":                   "no value",
		"listen: {http: 1}":         "not more keys",
		"listen: [a, b]":            "not a list",
		"drain-delay: soon":         "soon",
		"- listen":                  "no YAML of the form",
		"store: secret: [hunter2":   "no YAML of the form",
		"listen: :1\nlisten: :2\n":  "no YAML of the form",
		"demo: perhaps":             "perhaps",
		"trusted-proxy: {a: hello}": "not more keys",
		"dialect: a\ndialects: b":   `leave "dialects" out`,
	} {
		if _, err := settings(t, file, nil); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, want %q", file, err, want)
		}
	}
	if _, err := settings(t, "", map[string]string{"DRAGOMAN_DRAIN": "soon"}); err == nil || !strings.Contains(err.Error(), "$DRAGOMAN_DRAIN") {
		t.Errorf("a wrong variable: %v", err)
	}
	for range 20 { // of several mistakes the first by name is told, each time
		several := map[string]string{"DRAGOMAN_DEMO": "x", "DRAGOMAN_DRAIN": "x", "DRAGOMAN_DRAIN_DELAY": "x"}
		if _, err := settings(t, "", several); err == nil || !strings.Contains(err.Error(), "$DRAGOMAN_DEMO:") {
			t.Errorf("several wrong variables: %v", err)
		}
		if _, err := settings(t, "drain: x\nzzz: 1\ndemo: x\nyyy: 1\n", nil); err == nil || !strings.Contains(err.Error(), `key "demo"`) {
			t.Errorf("several wrong keys: %v", err)
		}
	}
	both := map[string]string{"DRAGOMAN_DIALECT": "session", "DRAGOMAN_DIALECTS": "form"}
	for _, args := range [][]string{nil, {"--dialect", "rpc"}} { // as in the file, a flag does not excuse it
		if _, err := settings(t, "", both, args...); err == nil || !strings.Contains(err.Error(), "$DRAGOMAN_DIALECT and $DRAGOMAN_DIALECTS are one; leave $DRAGOMAN_DIALECTS out") {
			t.Errorf("both variables, with %q: %v", args, err)
		}
	}
	if _, err := settings(t, "", nil, "--config", filepath.Join(t.TempDir(), "none.yaml")); err == nil {
		t.Error("a file that is not there is read")
	}
}
