package clientsuite_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/clientsuite"
)

func TestParseAnswer(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"done":                         "done",
		"done 200:1":                   "done 200:1",
		" done 200:49  error:1 200:1 ": "done 200:50 error:1",
		"done OK:1":                    "done OK:1",
		"done 200":                     `expected an outcome and its count, as 200:1, got "200"`,
		"done :1":                      `expected an outcome and its count, as 200:1, got ":1"`,
		"done 200:-1":                  `expected an outcome and its count, as 200:1, got "200:-1"`,
		"undone 200:1":                 "no answer",
		"done loading":                 "no answer",
		"done, 3 items":                "no answer",
		"":                             "no answer",
	} {
		answer, is, err := clientsuite.ParseAnswer(line)
		got := answer.String()
		switch {
		case err != nil:
			got = err.Error()
		case !is:
			got = "no answer"
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

func TestParseReady(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"ready":                     "[] true <nil>",
		"ready without":             "[] true <nil>",
		"ready without logout grpc": "[logout grpc] true <nil>",
		"done":                      "[] false <nil>",
		"ready to serve":            "[] false <nil>",
		"ready with logout":         "[] false <nil>",
	} {
		without, is, err := clientsuite.ParseReady(line)
		if got := fmt.Sprint(without, is, err); got != want {
			t.Errorf("%q: got %s, want %s", line, got, want)
		}
	}
	if _, is, err := clientsuite.ParseReady("ready without wings"); !is || err == nil {
		t.Errorf("a capability that is none: got %t, %v", is, err)
	}
}

func FuzzParseAnswer(f *testing.F) {
	f.Add("done 200:49 error:1")
	f.Fuzz(func(t *testing.T, line string) {
		answer, is, err := clientsuite.ParseAnswer(line)
		if !is || err != nil {
			return
		}
		again, is, err := clientsuite.ParseAnswer(answer.String())
		if !is || err != nil || again.String() != answer.String() {
			t.Errorf("%q became %q, and that %q, %v", line, answer, again, err)
		}
	})
}

func TestBodyOf(t *testing.T) {
	t.Parallel()
	if body := clientsuite.BodyOf(60); len(body) != 60 || !strings.HasPrefix(body, "abc") || body[26] != 'a' || body[59] != 'h' || clientsuite.BodyOf(0) != "" {
		t.Errorf("the body is %q", body)
	}
}

// TestVariables: a process inherits none of the variables that it does not get.
func TestVariables(t *testing.T) {
	t.Parallel()
	env := clientsuite.Environment{URL: "http://x", Verbose: true}
	if got := env.Variables(); !slices.Contains(got, "DRAGOMAN_URL=http://x") || !slices.Contains(got, "DRAGOMAN_VERBOSE=1") || !slices.Contains(got, "DRAGOMAN_STORE=") {
		t.Errorf("the variables are %q", got)
	}
}
