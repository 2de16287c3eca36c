package main

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// asProgram lets this test's binary be the program: the tests start real processes.
const asProgram = "TOKENCLI_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

// shell is a user with a back office and a directory of tokens.
type shell struct {
	mock *mockserver.Server
	dir  string
}

func newShell(t *testing.T) shell {
	t.Helper()
	return shell{mockserver.New(t, mockserver.WithDialects("form"), mockserver.WithMisuse(mockserver.MisuseFail)), t.TempDir() + "/tokens"}
}

// start runs the program as a process, without a password unless one is given.
func (s shell) start(t *testing.T, password, verb string) (stdout, stderr string) {
	t.Helper()
	program := exec.CommandContext(t.Context(), os.Args[0], "-url", s.mock.URL, "-dir", s.dir, verb)
	program.Env = append(os.Environ(), asProgram+"=1", "PASSWORD="+password)
	var out, errs strings.Builder
	program.Stdout, program.Stderr = &out, &errs
	if err := program.Run(); (err != nil) != (errs.Len() > 0) {
		t.Errorf("%s: %v, and it says %q", verb, err, errs.String())
	}
	return out.String(), errs.String()
}

const want = `Desk lamp 129.00
Office chair 749.50
Paper, A4, 500 sheets 24.99
`

// TestSecondProcessMakesNoLogin: the second process needs no password; after a logout the
// next one does.
func TestSecondProcessMakesNoLogin(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	for _, password := range []string{"root", ""} {
		if out, errs := s.start(t, password, "items"); out != want || errs != "" {
			t.Fatalf("with the password %q it prints %q and %q", password, out, errs)
		}
	}
	s.mock.AssertCalls(t, mockserver.Login, 1)
	s.mock.AssertCalls(t, mockserver.Resource, 2)

	if _, errs := s.start(t, "", "logout"); errs != "" {
		t.Fatal(errs)
	}
	s.mock.AssertCalls(t, mockserver.Revoke, 1)
	if _, errs := s.start(t, "", "items"); !strings.Contains(errs, "set PASSWORD") {
		t.Errorf("after the logout it says %q", errs)
	}
	s.mock.AssertCalls(t, mockserver.Login, 1)
}

// TestProcessesAtOnce: processes that start together share one login.
func TestProcessesAtOnce(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if out, errs := s.start(t, "root", "items"); out != want || errs != "" {
				t.Errorf("it prints %q and %q", out, errs)
			}
		})
	}
	all.Wait()
	s.mock.AssertCalls(t, mockserver.Login, 1)
}

// TestRejectedToken: a token that the server has ended costs a login.
func TestRejectedToken(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.start(t, "root", "items")
	access, _ := s.mock.IssuedTokens()
	if err := s.mock.Revoke(access[0]); err != nil {
		t.Fatal(err)
	}
	if out, errs := s.start(t, "root", "items"); out != want || errs != "" {
		t.Errorf("it prints %q and %q", out, errs)
	}
	s.mock.AssertCalls(t, mockserver.Login, 2)
}
