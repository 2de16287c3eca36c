package clientsuite_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/clientsuite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// saying is a client that says ready, and answers commands by what answer returns.
func saying(answer func(env clientsuite.Environment, command string, errors io.Writer) string) clientsuite.Program {
	return clientsuite.Func(func(_ context.Context, env clientsuite.Environment, in io.Reader, out, errors io.Writer) error {
		fmt.Fprintln(out, "ready without grpc")
		for lines := bufio.NewScanner(in); lines.Scan(); {
			text := answer(env, lines.Text(), errors)
			if text == "" {
				return fmt.Errorf("no more")
			}
			fmt.Fprint(out, text)
		}
		return nil
	})
}

// judge judges a client in a bubble.
func judge(t *testing.T, program clientsuite.Program, options clientsuite.Options) (r *report.Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		options.Memory = true
		if options.Dialects == nil {
			options.Dialects = []string{"rpc"}
		}
		var err error
		if r, err = clientsuite.Run(t.Context(), program, options); err != nil {
			t.Fatal(err)
		}
	})
	return r
}

func verdictOf(r *report.Report, id string) report.Requirement {
	i := slices.IndexFunc(r.Requirements, func(row report.Requirement) bool { return row.ID == id })
	return r.Requirements[i]
}

// TestClientsThatDoNotStart are nobody's verdict.
func TestClientsThatDoNotStart(t *testing.T) {
	t.Parallel()
	for says, program := range map[string]clientsuite.Func{
		"got the client's end (exit status 0)": func(context.Context, clientsuite.Environment, io.Reader, io.Writer, io.Writer) error { return nil },
		"got the client's end (panic: oh)": func(context.Context, clientsuite.Environment, io.Reader, io.Writer, io.Writer) error {
			panic("oh")
		},
		"got none in time": func(ctx context.Context, _ clientsuite.Environment, _ io.Reader, _, _ io.Writer) error {
			<-ctx.Done()
			return nil
		},
		`got "done 200:1"`: func(ctx context.Context, _ clientsuite.Environment, _ io.Reader, out, _ io.Writer) error {
			fmt.Fprintln(out, "done 200:1")
			<-ctx.Done()
			return nil
		},
		`nothing "wings"`: func(ctx context.Context, _ clientsuite.Environment, _ io.Reader, out, _ io.Writer) error {
			fmt.Fprintln(out, "ready without wings")
			<-ctx.Done()
			return nil
		},
	} {
		r := judge(t, program, clientsuite.Options{})
		if r.Conclusion != report.EnvironmentError || len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Text, says) {
			t.Errorf("it concludes %s with %v, and has to say %q", r.Conclusion, r.Errors, says)
		}
	}
}

// TestAnswersThatAreNone fail the rows, and not the judge. What a client prints beside is
// its own.
func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	for says, answer := range map[string]string{
		`as 200:1, got "200"`:                   "done 200\n",
		`expected 200, got "done 404:1"`:        "some line of its own\nundone\ndone 404:1\n",
		`expected 200, got "done"`:              "done\n",
		"got the client's end (no more)":        "",
		`expected an answer to "call GET /thin`: "ready\n",
		"got none in time":                      strings.Repeat("x", 2<<20) + "\n",
	} {
		program := saying(func(clientsuite.Environment, string, io.Writer) string { return answer })
		r := judge(t, program, clientsuite.Options{Only: []string{"CLI-01"}})
		if row := verdictOf(r, "CLI-01"); row.Verdict != report.Fail || !strings.Contains(row.Reason, says) || len(r.Errors) > 0 {
			t.Errorf("%.20q is %s, %q, %v, and has to say %q", answer, row.Verdict, row.Reason, r.Errors, says)
		}
	}
}

// TestLastWords: the end of what a client says is shown, its last line first, and a
// password that stands where the text is cut is not shown in part.
func TestLastWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ said, shown string }{
		"a line":        {"oh\n", `(no more); it said "oh"`},
		"a traceback":   {"Traceback:\n  File x\nIncompleteRead: 67 bytes\n", `(no more); it said "IncompleteRead: 67 bytes", and before that "Traceback:\n  File x"`},
		"a cut line":    {"PASSWORD " + strings.Repeat("x", 290) + "\nlast\n", `(no more); it said "last"`},
		"a cut word":    {"PASSWORD" + strings.Repeat("x", 290) + " last\n", `(no more); it said "last"`},
		"one long word": {"PASSWORD" + strings.Repeat("x", 290) + "\n", `(no more)`},
	} {
		program := saying(func(env clientsuite.Environment, _ string, errors io.Writer) string {
			fmt.Fprint(errors, strings.Replace(test.said, "PASSWORD", env.Password, 1))
			return ""
		})
		row := verdictOf(judge(t, program, clientsuite.Options{Only: []string{"CLI-01"}}), "CLI-01")
		if !strings.HasSuffix(row.Reason, test.shown) {
			t.Errorf("%s: %q does not end with %q", name, row.Reason, test.shown)
		}
	}
}

// TestFailedRowsNameTheWayOut: what a client need not be able to do is named where it fails.
func TestFailedRowsNameTheWayOut(t *testing.T) {
	t.Parallel()
	program := saying(func(_ clientsuite.Environment, command string, _ io.Writer) string {
		if command == "close" {
			return "done\n"
		}
		return "done error:1\n"
	})
	r := judge(t, program, clientsuite.Options{Only: []string{"CLI-37", "CLI-01"}})
	if row := verdictOf(r, "CLI-37"); !strings.HasSuffix(row.Reason, `; a client that cannot do it says "ready without retry"`) {
		t.Errorf("CLI-37: %s %q", row.Verdict, row.Reason)
	}
	if row := verdictOf(r, "CLI-01"); row.Verdict != report.Fail || strings.Contains(row.Reason, "without") {
		t.Errorf("CLI-01: %s %q", row.Verdict, row.Reason)
	}
}

// TestVerdictsOfAClientThatDoesNothing: what rests on a broken row is blocked by it, what
// the client cannot do is not applicable, and nothing passes for want of a call.
func TestVerdictsOfAClientThatDoesNothing(t *testing.T) {
	t.Parallel()
	program := saying(func(clientsuite.Environment, string, io.Writer) string { return "done error:1\n" })
	r := judge(t, program, clientsuite.Options{Without: []clientsuite.Capability{clientsuite.Logout}})
	for id, want := range map[string]string{
		"CLI-01": "fail: ", "CLI-02": "untestable: blocked by CLI-01: ", "CLI-10": "untestable: blocked by CLI-01: ", "CLI-47": "untestable: blocked by CLI-10: ",
		"CLI-70": "not-applicable: the client says that it is without grpc", "CLI-60": "not-applicable: the run is told that it is without logout",
	} {
		row := verdictOf(r, id)
		if got := string(row.Verdict) + ": " + row.Reason; !strings.HasPrefix(got, want) {
			t.Errorf("%s is %q, not %q", id, got, want)
		}
	}
	var passed []string
	for _, row := range r.Requirements {
		if row.Verdict == report.Pass {
			passed = append(passed, row.ID)
		}
	}
	if want := []string{"CLI-46"}; !slices.Equal(passed, want) { // it sends nothing to a server that it does not trust
		t.Errorf("%v pass, and %v may", passed, want)
	}
	if r.Conclusion != report.NonConformant || r.Counts[report.Pass]+r.Counts[report.Fail] == 0 {
		t.Errorf("it concludes %s of %v", r.Conclusion, r.Counts)
	}
}

// TestReportsHoldNoSecret: what a client prints about itself is shown without secrets.
func TestReportsHoldNoSecret(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var passwords []string
	program := saying(func(env clientsuite.Environment, command string, errors io.Writer) string {
		mu.Lock()
		defer mu.Unlock()
		passwords = append(passwords, env.Password)
		fmt.Fprintln(errors, "my password is", env.Password)
		if strings.HasPrefix(command, "parallel") {
			return ""
		}
		return "done error:1 " + env.Password + ":1\n"
	})
	r := judge(t, program, clientsuite.Options{})
	var text bytes.Buffer
	if err := r.WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	for _, password := range passwords {
		if strings.Contains(text.String(), password) {
			t.Fatalf("the report holds %s", password)
		}
	}
	if len(passwords) < 20 || !strings.Contains(text.String(), "[password-1]") {
		t.Errorf("%d passwords were printed, and the report shows none of them by its name", len(passwords))
	}
	if err := r.WriteText(io.Discard); err != nil {
		t.Error(err)
	}
	if row := verdictOf(r, "CLI-49"); row.Verdict == report.Pass {
		t.Errorf("CLI-49 passes: %+v", row)
	}
}

// TestInterrupted: a run that is interrupted says so, and what did not run is untestable.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		program := saying(func(clientsuite.Environment, string, io.Writer) string {
			cancel()
			return "done 200:1\n"
		})
		r, err := clientsuite.Run(ctx, program, clientsuite.Options{Dialects: []string{"form"}, Memory: true, Workers: 1})
		if err != nil || !r.Partial || r.Conclusion != report.EnvironmentError {
			t.Fatalf("got %+v, %v", r, err)
		}
		last := r.Requirements[len(r.Requirements)-1]
		if last.Verdict != report.Untestable || last.Scenarios[0].Reason != "it did not run" {
			t.Errorf("the last row is %+v", last)
		}
	})
}
