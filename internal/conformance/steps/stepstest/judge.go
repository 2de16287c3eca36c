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
	"github.com/dragoman-auth/dragoman/features"
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

func (j *Judgement) note(scenario *godog.Scenario, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	row := rowOf(scenario)
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

func rowOf(scenario *godog.Scenario) string {
	for _, tag := range scenario.Tags {
		if name := strings.TrimPrefix(tag.Name, "@"); len(name) == 6 && name[3] == '-' {
			return name
		}
	}
	return "none"
}

// Judge runs the scenarios of a dialect that have the tags against a server,
// one after another, those that trip a throttle last.
func Judge(t *testing.T, dialect, tags string, server http.Handler, clock *Clock, m *manifest.Manifest) *Judgement {
	t.Helper()
	handler := dated(clock, byGrammar(server))
	front := httptest.NewServer(handler)
	defer front.Close()
	transport := inMemory(handler)
	if aboutTheWire(tags) {
		overTCP := &http.Transport{DisableKeepAlives: true}
		defer overTCP.CloseIdleConnections()
		transport = overTCP
	}
	j := &Judgement{Ran: map[string]int{}, Failed: map[string][]string{}, secrets: &evidence.Secrets{}}
	var definitions steps.Definitions
	subject := &exchange.Subject{
		HTTP: front.URL, Manifest: m, Transport: transport, Clock: clock, Secrets: j.secrets, Timeout: 20 * time.Second,
	}
	if direct, ok := server.(interface{ ServeGRPC(*testing.T) string }); ok {
		subject.GRPC = direct.ServeGRPC(t)
	}
	for _, phase := range []string{"~@throttle", "@throttle"} {
		phase = "@" + dialect + " && " + phase
		if tags != "" {
			phase = tags + " && " + phase
		}
		suite := godog.TestSuite{
			ScenarioInitializer: func(sc *godog.ScenarioContext) {
				log := &evidence.Log{}
				j.mu.Lock()
				j.logs = append(j.logs, log)
				j.mu.Unlock()
				if err := definitions.Register(sc, nil, dialect, subject, log); err != nil {
					t.Error(err)
				}
				sc.After(func(ctx context.Context, scenario *godog.Scenario, err error) (context.Context, error) {
					j.note(scenario, err)
					return ctx, nil
				})
			},
			Options: &godog.Options{
				FS: features.FS, Paths: []string{dialect, "security"}, Strict: true, Format: "progress", Output: io.Discard, Tags: phase,
			},
		}
		suite.Run()
	}
	return j
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

// HeavyBut leaves out the rows that cost most, unless the fault is theirs.
func HeavyBut(rows string) string {
	var out []string
	for _, heavy := range []string{"SEC-01", "SEC-05", "SEC-06", "SES-25", "FRM-22"} {
		if !strings.Contains(rows, heavy) {
			out = append(out, "~@"+heavy)
		}
	}
	return strings.Join(out, " && ")
}

// OnlyRows selects the scenarios of some rows.
func OnlyRows(rows string) string {
	return "@" + strings.Join(strings.Fields(rows), ",@")
}

// RandomBytes is n bytes that nobody can guess.
func RandomBytes(n int) []byte {
	bytes := make([]byte, n)
	_, _ = rand.Read(bytes) // never fails
	return bytes
}
