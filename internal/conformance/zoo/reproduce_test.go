//go:build !race

package zoo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo"
	"github.com/dragoman-auth/dragoman/internal/needs"
)

// TestReproduce runs scripts of failures in a shell, each against a fresh
// mutant, and wants every answer that the suite has seen to come again: the same
// status, header and body, up to what each run makes anew. It runs one script for
// each requirement, and in CI one for each scenario: another server changes the
// answers, not the script. A shell has no race detector, so this runs without it.
func TestReproduce(t *testing.T) {
	t.Parallel()
	shell := newShell(t)
	ran, unrepeatable := map[string]bool{}, map[string]bool{}
	for _, f := range failures(prove().Trials) {
		if f.sendsCode() {
			unrepeatable[f.row] = true
			if f.scenario.Reproduce != "" {
				t.Errorf("%s: there is a script for %q, which sends a code", f.mutant.Name, f.scenario.Name)
			}
			continue
		}
		scenario := f.row + ": " + f.scenario.Name
		if ran[f.row] && (!needs.Whole() || ran[scenario]) {
			continue
		}
		ran[f.row], ran[scenario] = true, true
		t.Run(f.mutant.Name+"/"+f.scenario.Name, func(t *testing.T) {
			t.Parallel()
			if err := shell.repeat(t.Context(), f); err != nil {
				t.Error(err)
			}
		})
	}
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range suite.Requirements {
		name := row.Dialect + " " + row.ID
		if row.Excluded == "" && !ran[name] && (!unrepeatable[name] || row.ID != "RPC-30") { // RPC-30 is about codes
			t.Errorf("no script was run for %s", name)
		}
	}
}

// failure is a scenario that failed a mutant.
type failure struct {
	mutant   zoo.Trial
	row      string // the dialect and the id
	scenario report.Scenario
	earlier  *report.Scenario // the one that failed it before this; nil for none
}

// sendsCode says whether the scenario needs a code of an authenticator.
func (f failure) sendsCode() bool {
	return slices.ContainsFunc(f.scenario.Exchanges, func(e evidence.Exchange) bool { return strings.Contains(e.RequestBody, `"verification_code"`) })
}

// failures are all of them, in the order of the zoo.
func failures(trials []zoo.Trial) []failure {
	var all []failure
	for _, f := range trials {
		if f.Report == nil {
			continue
		}
		var earlier *report.Scenario
		for _, row := range f.Report.Requirements {
			for _, s := range row.Scenarios {
				if s.Outcome == report.Failed {
					all = append(all, failure{f, row.Dialect + " " + row.ID, s, earlier})
					earlier = &s
				}
			}
		}
	}
	return all
}

// shell runs scripts as a reader of a report would.
type shell struct{ path string }

func newShell(t *testing.T) shell {
	t.Helper()
	needs.Programs(t, "sh", "curl", "awk", "openssl", "grpcurl")
	return shell{needs.Path(t)}
}

// repeat runs the script of a failure against a mutant that has just started.
func (sh shell) repeat(ctx context.Context, f failure) error {
	if f.scenario.Reproduce == "" {
		return errors.New("no script")
	}
	return zoo.Serve(ctx, f.mutant.Name, func(m *manifest.Manifest) error {
		there := strings.NewReplacer(f.mutant.Report.Subject.HTTP, m.Subject.URL, f.mutant.Report.Subject.GRPC, m.Subject.GRPC)
		if f.earlier != nil && strings.HasPrefix(f.scenario.Exchanges[0].Status, "429") { // a throttle that the one before had tripped
			if _, err := sh.run(ctx, *f.earlier, there); err != nil {
				return err
			}
		}
		text, err := sh.run(ctx, f.scenario, there)
		if err != nil {
			return err
		}
		if err := sameScript(f.scenario, text); err != nil {
			return fmt.Errorf("%w\nit printed\n%s\nof\n%s", err, text, f.scenario.Reproduce)
		}
		return nil
	})
}

// variable is a line of a script that asks for a secret of the manifest.
var variable = regexp.MustCompile(`\$\{(\w+):\?set it to (\S+) of the manifest\}`)

// declared are the secrets of the zoo's manifests, by a part of their keys.
var declared = map[string]string{
	".full.password": "root", ".limited.password": "clerk", ".second_factor.password": "guarded", ".supervised.password": "trainee-password",
	".api_key.key": "demo-key-root-users",
}

// run returns what the script of a scenario prints, in a fresh shell.
func (sh shell) run(ctx context.Context, s report.Scenario, there *strings.Replacer) (printed string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "sh", "-c", there.Replace(s.Reproduce))
	command.Env = append(os.Environ(), "PATH="+sh.path)
	for _, asked := range variable.FindAllStringSubmatch(s.Reproduce, -1) {
		for where, value := range declared {
			if strings.Contains(asked[2], where) {
				command.Env = append(command.Env, asked[1]+"="+value)
			}
		}
	}
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output // one pipe, so that the order stays
	var exit *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exit) { // it ends as its last request does
		return "", err
	}
	// The shell's number makes names unique.
	return strings.ReplaceAll(output.String(), fmt.Sprintf("-%d", command.Process.Pid), ""), nil
}

var heading = regexp.MustCompile(`(?m)^# ([0-9]+)(?: to ([0-9]+)(, at once)?)?: .*\n`)

// sameScript compares what a script printed with the exchanges of its scenario.
func sameScript(s report.Scenario, printed string) error {
	came := 0
	places := heading.FindAllStringSubmatchIndex(printed, -1)
	racing := strings.Contains(printed, ", at once: ")
	raced := false // what follows requests at once depends on which the server saw last
	for i, place := range places {
		number := func(group int) int { n, _ := strconv.Atoi(printed[place[2*group]:place[2*group+1]]); return n }
		first, last, end := number(1), number(1), len(printed)
		if place[4] >= 0 {
			last = number(2)
		}
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		if first != came+1 {
			return fmt.Errorf("exchange %d follows %d", first, came)
		}
		came = last
		exchanges := exchangesOf(s, first, last)
		err := sameBlock(exchanges, printed[place[1]:end], printed, racing)
		if err != nil && (!raced || printed[place[1]:end] == "") {
			return fmt.Errorf("exchange %d to %d: %w", first, last, err)
		}
		raced = raced || place[6] >= 0
	}
	if n := len(s.Exchanges) + s.Dropped; came != n {
		return fmt.Errorf("of %d exchanges it repeated %d", n, came)
	}
	return nil
}

// exchangesOf are those with numbers from first to last that the report shows.
func exchangesOf(s report.Scenario, first, last int) []evidence.Exchange {
	var shown []evidence.Exchange
	for i, e := range s.Exchanges {
		n := i + 1
		if s.Dropped > 0 && i >= len(s.Exchanges)/2 {
			n += s.Dropped
		}
		if first <= n && n <= last {
			shown = append(shown, e)
		}
	}
	return shown
}

var (
	beginning       = regexp.MustCompile(`(?m)^(HTTP/[0-9.]+ [0-9]{3}|curl: \([0-9]+\))`)
	beginningOfCall = regexp.MustCompile(`(?m)^(\{|ERROR:)`)
)

// sameBlock wants an answer like each that the report shows. Where requests
// race, who wins is drawn anew: it wants the same answers from any of all.
func sameBlock(exchanges []evidence.Exchange, printed, all string, racing bool) error {
	answers := split(exchanges, printed)
	if racing {
		answers = split(exchanges, all)
	}
	for _, e := range exchanges {
		if e.Transport == "clock" {
			if printed != "" {
				return fmt.Errorf("moving the clock printed %q", printed)
			}
			continue
		}
		reason := fmt.Errorf("expected %s, got only %q", e.Status, statuses(answers))
		i := slices.IndexFunc(answers, func(answer string) bool {
			err := sameAnswer(e, answer)
			var other otherStatus
			if err != nil && !errors.As(err, &other) {
				reason = err // it comes nearer than another status
			}
			return err == nil
		})
		if i < 0 {
			return reason
		}
		if !racing {
			answers = slices.Delete(answers, i, i+1)
		}
	}
	return nil
}

// statuses are the first lines of answers.
func statuses(answers []string) []string {
	lines := make([]string, len(answers))
	for i, answer := range answers {
		lines[i], _, _ = strings.Cut(answer, "\n")
	}
	return lines
}

// split finds the answers in what was printed.
func split(exchanges []evidence.Exchange, printed string) []string {
	begin := beginning
	if len(exchanges) > 0 && exchanges[0].Transport == "grpc" {
		begin = beginningOfCall
	}
	var answers []string
	begins := begin.FindAllStringIndex(printed, -1)
	for i, place := range begins {
		end := len(printed)
		if i+1 < len(begins) {
			end = begins[i+1][0]
		}
		answer, _, _ := strings.Cut(printed[place[0]:end], "\n# ")
		answers = append(answers, answer)
	}
	return answers
}
