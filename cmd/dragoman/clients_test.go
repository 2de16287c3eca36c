package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/needs"
)

// TestClientsInOtherLanguages runs the tests of examples/clients, which start this
// binary as the mock. A client that puts its token into the URL as well fails them.
func TestClientsInOtherLanguages(t *testing.T) {
	t.Parallel()
	dragoman := ownBinary(t)
	for _, test := range []struct {
		folder, client, right, wrong string
		command                      []string
	}{
		{
			"python", "client.py", `"/items", headers={"X-Auth-Bearer": self.token}`, `"/items?token=" + self.token, headers={"X-Auth-Bearer": self.token}`,
			[]string{"python3", "-B", "-m", "unittest", "discover", "-s", "."},
		},
		{
			"node", "client.mjs", `path, { headers: { "X-Auth-Bearer": this.#token } }`, `path + "?token=" + this.#token, { headers: { "X-Auth-Bearer": this.#token } }`,
			[]string{"node", "--test"},
		},
	} {
		run := func(t *testing.T, folder string) (string, error) {
			t.Helper()
			command := exec.CommandContext(t.Context(), needs.Program(t, test.command[0]), test.command[1:]...)
			command.Dir, command.Env = folder, append(os.Environ(), "DRAGOMAN="+dragoman)
			output, err := command.CombinedOutput()
			return string(output), err
		}
		t.Run(test.folder, func(t *testing.T) {
			t.Parallel()
			source := filepath.Join("..", "..", "examples", "clients", test.folder)
			if output, err := run(t, source); err != nil {
				t.Errorf("%v: %s", err, output)
			}
			broken := t.TempDir()
			if err := os.CopyFS(broken, os.DirFS(source)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(broken, test.client)
			text, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(text), test.right) {
				t.Fatalf("%s does not hold %s (%v)", path, test.right, err)
			}
			if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), test.right, test.wrong)), 0o600); err != nil {
				t.Fatal(err)
			}
			if output, err := run(t, broken); err == nil || !strings.Contains(output, "token_in_url") {
				t.Errorf("the tests pass a client with its token in the URL: %s", output)
			}
		})
	}
}
