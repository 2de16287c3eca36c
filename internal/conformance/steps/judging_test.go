package steps_test

import (
	"context"
	"encoding/json"
	"io"
	"math"
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
	"github.com/dragoman-auth/dragoman/internal/conformance/steps"
)

// movableClock is the time of a fake server and of its judge at once.
type movableClock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *movableClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *movableClock) Advance(_ context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += time.Duration(math.Ceil(d.Seconds())) * time.Second
	return nil
}

// judgement is what came of a run: the errors by requirement.
type judgement struct {
	mu      sync.Mutex
	ran     map[string]int
	failed  map[string][]string
	secrets *evidence.Secrets
	logs    []*evidence.Log
}

func (j *judgement) note(scenario *godog.Scenario, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	row := rowOf(scenario)
	j.ran[row]++
	if err != nil {
		j.failed[row] = append(j.failed[row], scenario.Name+": "+err.Error())
	}
}

func (j *judgement) rows() []string {
	var rows []string
	for row := range j.failed {
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

// judge runs the scenarios of a dialect that have the tags against a server,
// one after another, those that trip a throttle last.
func judge(t *testing.T, dialect, tags string, server http.Handler, clock *movableClock, m *manifest.Manifest) *judgement {
	t.Helper()
	front := httptest.NewServer(server)
	defer front.Close()
	var transport http.RoundTripper = inMemory{server}
	if aboutTheWire(tags) {
		overTCP := &http.Transport{DisableKeepAlives: true}
		defer overTCP.CloseIdleConnections()
		transport = overTCP
	}
	j := &judgement{ran: map[string]int{}, failed: map[string][]string{}, secrets: &evidence.Secrets{}}
	subject := &steps.Subject{
		HTTP: front.URL, Manifest: m, Transport: transport, Clock: clock, Secrets: j.secrets, Timeout: 20 * time.Second,
	}
	if direct, ok := server.(interface{ serveGRPC(*testing.T) string }); ok {
		subject.GRPC = direct.serveGRPC(t)
	}
	for _, phase := range []string{"~@throttle", "@throttle"} {
		if tags != "" {
			phase = tags + " && " + phase
		}
		suite := godog.TestSuite{
			ScenarioInitializer: func(sc *godog.ScenarioContext) {
				log := &evidence.Log{}
				j.mu.Lock()
				j.logs = append(j.logs, log)
				j.mu.Unlock()
				if err := steps.Register(sc, dialect, subject, log); err != nil {
					t.Error(err)
				}
				sc.After(func(ctx context.Context, scenario *godog.Scenario, err error) (context.Context, error) {
					j.note(scenario, err)
					return ctx, nil
				})
			},
			Options: &godog.Options{
				FS: features.FS, Paths: []string{dialect}, Strict: true, Format: "progress", Output: io.Discard, Tags: phase,
			},
		}
		suite.Run()
	}
	return j
}

// shown is all that a report may show of a run.
func (j *judgement) shown(t *testing.T) string {
	t.Helper()
	var all []any
	for _, log := range j.logs {
		all = append(all, log.Exchanges(j.secrets))
	}
	for _, errors := range j.failed {
		for _, text := range errors {
			all = append(all, j.secrets.Hide(text))
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

// fault is a way of breaking a requirement: the rows that it has to turn red,
// which no other row may join.
type fault struct {
	name string
	rows string // separated by blanks
}

// expectRed checks that a run turned exactly some rows red.
func expectRed(t *testing.T, j *judgement, rows string) {
	t.Helper()
	expected := strings.Fields(rows)
	if got := j.rows(); !slices.Equal(got, expected) {
		t.Errorf("expected the rows %v to be red, got %v", expected, got)
		for _, row := range j.rows() {
			if !slices.Contains(expected, row) {
				t.Logf("%s: %d scenarios, first %.400s", row, len(j.failed[row]), j.failed[row][0])
			}
		}
	}
}

// heavyBut leaves out the rows that cost most, unless the fault is theirs.
func heavyBut(rows string) string {
	var out []string
	for _, heavy := range []string{"SEC-01", "SEC-05", "SEC-06", "SES-25", "FRM-22"} {
		if !strings.Contains(rows, heavy) {
			out = append(out, "~@"+heavy)
		}
	}
	return strings.Join(out, " && ")
}
