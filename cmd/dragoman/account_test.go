package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// dragoman runs one command line with an input, and returns its output and exit
// code.
func dragoman(t *testing.T, input string, args ...string) (string, int) {
	t.Helper()
	root := newRootCommand()
	var out bytes.Buffer
	root.SetArgs(args)
	root.SetIn(strings.NewReader(input))
	root.SetOut(&out)
	root.SetErr(&out)
	if err := root.ExecuteContext(t.Context()); err != nil {
		return out.String() + err.Error(), exitUsage
	}
	return out.String(), 0
}

func TestAccountCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "accounts.yaml")
	text := `{"accounts":[{"login":"ann","password":"x"},{"login":"bob","email":"bob@example.com","password":"hunter2","rights":["*"],
		"api_keys":[{"name":"ci","key":"0123456789abcdef","permissions":["GET /users"],"expires_at":"2100-01-01T00:00:00Z"}]}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		input, args string
		code        int
		output      string
	}{
		{"pässwörd\n", "add ann --email ann@example.com --right *", 0, ""},
		{"first one", "add ann", exitUsage, `add account "ann": it is taken`},
		{"", "add bob", exitUsage, "no password in the first line"},
		{"\n", "add bob --allow-weak", exitUsage, "no password in the first line"},
		{"hunter2\n", "add bob", exitUsage, "the password is shorter than 8 characters; take a longer one, or set --allow-weak"},
		{"hunter2\n", "add weak --allow-weak", 0, ""},
		{"x", "add", exitUsage, "accepts 1 arg"},
		{"long enough", "add bob --right nonsense", exitUsage, "rights"},
		{"second one\n", "passwd ann", 0, ""},
		{"päßwörd\n", "passwd ann", exitUsage, "the password is shorter than 8 characters"},
		{"päßwörd\n", "passwd ann --allow-weak", 0, ""},
		{"\n", "passwd ann --allow-weak", exitUsage, "no password in the first line"},
		{"second one\n", "passwd nobody", exitUsage, `account in this store; --store names another, and the accounts of "serve --demo" are in no store`},
		{"", "import " + file, 0, "1 of 2 accounts added"},
		{"", "import " + file, 0, "0 of 2 accounts added"},
		{"accounts:\n- login: eve\n  pasword: hunter2\n", "import -", exitUsage, "line 3 of the accounts"},
		{"", "totp ann --no-qr", 0, "address  otpauth://totp/dragoman:ann?"},
		{"", "totp ann", 0, "\u2588"}, // a QR code is drawn with blocks
		{"", "list", 0, "  authenticator  active"},
		{"", "totp ann --remove", 0, ""},
		{"", "list", 0, "  none "},
		{"", "totp nobody", exitUsage, "no such account"},
		{"", "supervisor ann bob", 0, ""},
		{"", "list", 0, `  approval of "bob"  active`},
		{"", "supervisor ann ann", exitUsage, `account "ann" is its own supervisor`},
		{"", "supervisor ann", 0, ""},
		{"", "disable bob", 0, ""},
		{"", "list", 0, "LOGIN"},
		{"", "list", 0, "disabled"},
		{"", "enable bob", 0, ""},
		{"", "grant bob", 0, ""},
		{"", "apikey ann", exitUsage, "--name"},
		{"", "apikey ann --name ci", exitUsage, "--permission"},
		{"", "apikey ann --name ci --permission *", 0, ""},
		{"", "apikey ann --name ci --revoke", 0, ""},
		{"", "apikey ann --name ci --revoke", exitUsage, "no such account"},
		{"", "list --store memory:", exitUsage, "--store and --data-dir: set one of them"},
	} {
		args := append([]string{"account", "--data-dir", dir}, strings.Fields(step.args)...)
		output, code := dragoman(t, step.input, args...)
		if code != step.code || !strings.Contains(output, step.output) || strings.Contains(output, "hunter2") {
			t.Errorf("account %s exits %d, want %d, with %q:\n%s", step.args, code, step.code, step.output, output)
		}
	}
}

func TestKeysCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if output, code := dragoman(t, "long enough\n", "account", "add", "ann", "--data-dir", dir); code != 0 {
		t.Fatal(output)
	}
	for _, step := range []struct {
		args   string
		code   int
		output string
	}{
		{"list", 0, "PURPOSE"}, {"rotate rs256", 0, " signs now\n"}, {"rotate", 0, " signs from 2"}, {"rotate rs512", exitUsage, `"rs512" is not secret or rs256`},
		{"rotate --keep 0s", exitUsage, "has to be positive"}, {"list", 0, "from 2"}, {"rotate secret --compromised", 0, " signs now\n"}, {"list", 0, "now"},
	} {
		args := append([]string{"keys", "--data-dir", dir}, strings.Fields(step.args)...)
		output, code := dragoman(t, "", args...)
		if code != step.code || !strings.Contains(output, step.output) {
			t.Errorf("keys %s exits %d, want %d, with %q:\n%s", step.args, code, step.code, step.output, output)
		}
	}
}

// TestUnknownStores: an error names the store that was given, but not what may
// be a password.
func TestUnknownStores(t *testing.T) {
	t.Parallel()
	const forms = "memory:, sqlite:PATH or postgres://user@host/database"
	for given, want := range map[string]string{
		"foo:bar":                                `store "foo:bar": a store is ` + forms,
		"dragoman.db":                            `store "dragoman.db": a store is ` + forms,
		"mysql://ann:hunter2@host/x":             `store "mysql:...": a store is ` + forms,
		"mysql:ann:hunter2@host":                 `store "mysql:...": a store is ` + forms,
		"host=db user=ann password=hunter2":      `store ":...": a store is ` + forms,
		"password=hunter2 host=db:5432":          `store ":...": a store is ` + forms,
		"postgresql://ann:hunter2@127.0.0.1:1/y": "nobody listens there: start the database",
		"mysql://host/x?password=hunter2":        `store "mysql:...": a store is ` + forms,
		"memory:":                                "a store in memory belongs to the server that is running; --store names one that lasts",
		"postgres://ann:hunter2@127.0.0.1:x/y":   `store "postgres:...": open PostgreSQL store: `,
	} {
		output, code := dragoman(t, "", "keys", "list", "--store", given)
		if code != exitUsage || !strings.Contains(output, want) || strings.Contains(output, "hunter2") || strings.Contains(output, "did you mean") {
			t.Errorf("--store %s exits %d with\n%s\nwant %s", given, code, output, want)
		}
	}
}

func FuzzReadAccounts(f *testing.F) {
	for _, seed := range []string{
		"accounts:\n- {login: ann, password: hunter2, rights: ['*']}\n", `{"accounts":[{"login":"a","api_keys":[{"key":"x","expires_at":"soon"}]}]}`,
		"", "accounts: 7", "- x", "accounts:\n- &a {login: *a}\n", "\xff\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		accounts, err := readAccounts(text)
		if err != nil && (accounts != nil || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%q: %v", text, err)
		}
	})
}
