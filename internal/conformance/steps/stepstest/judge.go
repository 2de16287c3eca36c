// Package stepstest runs the scenarios of a dialect against small servers that
// are wrong in one way, for the tests of the steps.
package stepstest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps"
)

// Judgement is what came of a run: how many scenarios of each requirement ran,
// and the errors of those that failed.
type Judgement struct {
	mu      sync.Mutex
	Ran     map[string]int
	Failed  map[string][]string
	secrets *evidence.Secrets
	logs    []*evidence.Log
}

func (j *Judgement) note(row string, scenario *godog.Scenario, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.Ran[row]++
	if err != nil {
		j.Failed[row] = append(j.Failed[row], scenario.Name+": "+err.Error())
	}
}

// Rows are the requirements that failed or are blocked, in order: who is to blame
// for a set-up that fails, is for package conformance to say.
func (j *Judgement) Rows() []string {
	var rows []string
	for row := range j.Failed {
		rows = append(rows, row)
	}
	slices.Sort(rows)
	return rows
}

// definitions have expressions that are compiled once for all runs.
var definitions steps.Definitions

// Judge runs the selected scenarios of a dialect against a server, one after another,
// in the order of a real run: those that trip a throttle come last. Only scenarios about
// the wire have real connections, which cost more than all else.
func Judge(t *testing.T, dialect string, selected Selection, server http.Handler, clock *Clock, m *manifest.Manifest) *Judgement {
	t.Helper()
	return judge(t, dialect, selected, server, clock, m, planned.aboutTheWire)
}

// JudgeOverTCP is Judge with real connections in all scenarios: the right office of each
// dialect is judged so.
func JudgeOverTCP(t *testing.T, dialect string, selected Selection, server http.Handler, clock *Clock, m *manifest.Manifest) *Judgement {
	t.Helper()
	return judge(t, dialect, selected, server, clock, m, func(planned) bool { return true })
}

func judge(t *testing.T, dialect string, selected Selection, server http.Handler, clock *Clock, m *manifest.Manifest, overTCP func(planned) bool) *Judgement {
	t.Helper()
	handler := dated(clock, byGrammar(server))
	front := httptest.NewServer(handler)
	defer front.Close()
	tcp := &http.Transport{DisableKeepAlives: true}
	defer tcp.CloseIdleConnections()
	j := &Judgement{Ran: map[string]int{}, Failed: map[string][]string{}, secrets: &evidence.Secrets{}}
	memory, wire := j.subject(front.URL, inMemory(handler), clock, m), j.subject(front.URL, tcp, clock, m)
	if direct, ok := server.(interface{ ServeGRPC(*testing.T) string }); ok {
		address := direct.ServeGRPC(t)
		memory.GRPC, wire.GRPC = address, address
	}
	for _, scenario := range selected.of(t, dialect) {
		subject := memory
		if overTCP(scenario) {
			subject = wire
		}
		j.judge(t, dialect, scenario, subject)
	}
	return j
}

func (j *Judgement) subject(at string, over http.RoundTripper, clock *Clock, m *manifest.Manifest) *exchange.Subject {
	return &exchange.Subject{HTTP: at, Manifest: m, Transport: over, Clock: clock, Secrets: j.secrets, Timeout: 20 * time.Second}
}

// judge runs one scenario as a suite of its own, which binds only the steps that it has.
func (j *Judgement) judge(t *testing.T, dialect string, p planned, subject *exchange.Subject) {
	t.Helper()
	log := &evidence.Log{}
	j.logs = append(j.logs, log)
	before := j.Ran[p.row]
	godog.TestSuite{
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			if err := definitions.Register(sc, p.Texts(), dialect, subject, log); err != nil {
				t.Error(err)
			}
			sc.After(func(ctx context.Context, scenario *godog.Scenario, err error) (context.Context, error) {
				j.note(p.row, scenario, err)
				return ctx, nil
			})
		},
		Options: &godog.Options{
			FeatureContents: []godog.Feature{{Name: p.File, Contents: p.Feature()}},
			Strict:          true, Format: "progress", Output: io.Discard,
		},
	}.Run()
	if j.Ran[p.row] != before+1 {
		t.Errorf("%s: %q did not run once", p.row, p.Name)
	}
}

// Shown is all that a report may show of a run.
func (j *Judgement) Shown(t *testing.T) string {
	t.Helper()
	var all []any
	for _, log := range j.logs {
		all = append(all, log.Exchanges(j.secrets))
	}
	for _, errors := range j.Failed {
		for _, text := range errors {
			all = append(all, j.secrets.HideIn(text))
		}
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(all); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// ExpectRed checks that a run turned exactly some rows red.
func ExpectRed(t *testing.T, j *Judgement, rows string) {
	t.Helper()
	expected := strings.Fields(rows)
	if got := j.Rows(); !slices.Equal(got, expected) {
		t.Errorf("expected the rows %v to be red, got %v", expected, got)
		for _, row := range j.Rows() {
			if !slices.Contains(expected, row) {
				t.Logf("%s: %d scenarios, first %.400s", row, len(j.Failed[row]), j.Failed[row][0])
			}
		}
	}
}

// RandomBytes is n bytes that nobody can guess.
func RandomBytes(n int) []byte {
	bytes := make([]byte, n)
	_, _ = rand.Read(bytes) // never fails
	return bytes
}
