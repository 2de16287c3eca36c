package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo"
)

func TestSelftest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args   []string
		code   int
		stdout string // a part of it
		stderr string
	}{
		"list":            {[]string{"--list"}, 0, "session/late-expiry", ""},
		"list of a kind":  {[]string{"--list", "--kind", "variant"}, 0, "errors-as-pages", ""},
		"list, repeated":  {[]string{"--list", "--repeat", "2"}, exitUsage, "", "--list judges no server"},
		"one mutant":      {[]string{"--mutant", "form/delete-is-200"}, 0, "FRM-14 fail", ""},
		"its report":      {[]string{"--mutant", "form/delete-is-200", "--report"}, 0, "DELETE answers 204 with an empty body", ""},
		"one variant":     {[]string{"--mutant", "form-user-object"}, 0, "is judged right", ""},
		"unknown":         {[]string{"--mutant", "form/perfect"}, exitUsage, "", `no mutant and no variant "form/perfect"`},
		"report of none":  {[]string{"--report"}, exitUsage, "", "--report needs --mutant"},
		"no workers":      {[]string{"--workers", "0"}, exitUsage, "", "--workers has to be positive"},
		"no repetition":   {[]string{"--repeat", "0"}, exitUsage, "", "--repeat has to be positive"},
		"unknown kind":    {[]string{"--kind", "monster"}, exitUsage, "", `--kind is reference, mutant or variant, not "monster"`},
		"one, repeated":   {[]string{"--mutant", "form/delete-is-200", "--repeat", "2"}, exitUsage, "", "--mutant judges one server once"},
		"one, surrounded": {[]string{"--mutant", "form/delete-is-200", "--surroundings"}, exitUsage, "", "--mutant judges one server once"},
		"kinds of those":  {[]string{"--kind", "variant", "--surroundings"}, exitUsage, "", "--surroundings judges variants"},
		"one kind":        {[]string{"--kind", "reference", "--repeat", "3"}, 0, "reference  1 of 1 passes\n\nThe judge is right", "1/1 ok"},
		"a stray operand": {[]string{"everything"}, exitUsage, "", "everything"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), append([]string{"selftest"}, c.args...), &stdout, &stderr)
			if code != c.code || !strings.Contains(stdout.String(), c.stdout) || !strings.Contains(stderr.String(), c.stderr) {
				t.Errorf("exit code %d, want %d; stdout %q, want %q; stderr %q, want %q",
					code, c.code, stdout.String(), c.stdout, stderr.String(), c.stderr)
			}
		})
	}
}

// TestSelftestOnAMachineThatLacksSomething: what cannot be tried is neither right nor wrong.
func TestSelftestOnAMachineThatLacksSomething(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	proof := &zoo.Proof{Trials: []zoo.Trial{{Kind: zoo.KindVariant, Name: "far"}, {Kind: zoo.KindVariant, Name: "ipv6", Untried: "this machine has no ::1"}}}
	if err := summary(&out, proof, time.Second); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"variants   1 of 2 pass\n", "not tried  ipv6: this machine has no ::1\n", "The judge is right"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, out.String())
		}
	}
}
