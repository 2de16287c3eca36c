package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// The harness is tested with tiny suites, tiny servers and steps of their own.

// suiteRow is a row of a tiny suite: an id, a level, more YAML, and its
// scenarios.
type suiteRow struct {
	id, level, extra string
	scenarios        []suiteScenario
}

type suiteScenario struct{ name, tags, steps string }

func scenarios(all ...suiteScenario) []suiteScenario { return all }

func newSuite(rows ...suiteRow) fstest.MapFS {
	var requirements, feature strings.Builder
	requirements.WriteString("dialect: form\nrequirements:\n")
	feature.WriteString("@form\nFeature: rows\n")
	for _, r := range rows {
		fmt.Fprintf(&requirements, "  - id: %s\n    level: %s\n    basis: doc\n    statement: The row %s holds.\n%s", r.id, r.level, r.id, r.extra)
		fmt.Fprintf(&requirements, "    scenarios: %d\n", len(r.scenarios))
		for _, s := range r.scenarios {
			fmt.Fprintf(&feature, "\n  @%s %s\n  Scenario: %s\n", r.id, s.tags, s.name)
			for step := range strings.SplitSeq(s.steps, ";") {
				fmt.Fprintf(&feature, "    * %s\n", strings.TrimSpace(step))
			}
		}
	}
	return fstest.MapFS{
		"form/requirements.yaml": {Data: []byte(requirements.String())},
		"form/rows.feature":      {Data: []byte(feature.String())},
	}
}

// fakeSteps are the steps of the tiny suites.
func fakeSteps(sc *godog.ScenarioContext, _ string, s *exchange.Subject, log *evidence.Log) error {
	get := func(ctx context.Context, path string) (int, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.HTTP+path, http.NoBody)
		if err != nil {
			return 0, err
		}
		response, err := s.Transport.RoundTrip(request)
		if err != nil {
			log.Add(evidence.Exchange{Transport: "http", Method: "GET", URL: request.URL.String(), Error: err.Error()})
			return 0, err
		}
		defer response.Body.Close()
		log.Add(evidence.Exchange{Transport: "http", Method: "GET", URL: request.URL.String() + "?password=s3cret-word", Status: response.Status})
		return response.StatusCode, nil
	}
	sc.Step(`^GET (\S+) answers (\d+)$`, func(ctx context.Context, path string, expected int) error {
		got, err := get(ctx, path)
		if err == nil && got != expected {
			err = fmt.Errorf("expected %d, got %d with s3cret-word", expected, got)
		}
		return err
	})
	sc.Step(`^nothing$`, func() error { return nil })
	sc.Step(`^pending$`, func() error { return godog.ErrPending })
	sc.Step(`^skip$`, func() error { return godog.ErrSkip })
	sc.Step(`^panic$`, func() error { panic("at the step") })
	sc.Step(`^twice$`, func() error { return nil })
	sc.Step(`^twic.$`, func() error { return nil })
	sc.Step(`^time passes$`, func(ctx context.Context) error { return s.Clock.Advance(ctx, time.Hour) })
	var breaks error
	sc.Step(`^what follows breaks$`, func() error { breaks = errors.New("cannot tidy up"); return nil })
	sc.After(func(ctx context.Context, _ *godog.Scenario, _ error) (context.Context, error) { return ctx, breaks })
	sc.Step(`^it lasts$`, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	return nil
}

func newManifest(url string) *manifest.Manifest {
	text := "subject: {url: '" + url + "'}\ndialects: {form: {accounts: {full: {login: someone, password: s3cret-word}}}}\n"
	m, err := manifest.Parse("test.yaml", []byte(text), func(string) (string, bool) { return "", false })
	if err != nil {
		panic(err)
	}
	return m
}

// newServer answers 200 to everything, and counts.
func newServer(t *testing.T) (url string, requests *atomic.Int64) {
	requests = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if strings.HasSuffix(r.URL.Path, "/clock") {
			http.Error(w, "no clock here", http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

func run(t *testing.T, m *manifest.Manifest, o conformance.Options) *report.Report {
	t.Helper()
	o = o.JudgedBy(nil, fakeSteps)
	r, err := conformance.Run(t.Context(), m, o)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, n := range r.Counts {
		total += n
	}
	if total != len(r.Requirements) {
		t.Errorf("%d verdicts on %d requirements", total, len(r.Requirements))
	}
	return r
}

// reportForms are all that a run can write.
func reportForms(r *report.Report) map[string]func(io.Writer) error {
	return map[string]func(io.Writer) error{
		"text": r.WriteText, "json": r.WriteJSON, "html": r.WriteHTML, "junit": r.WriteJUnit, "summary": r.WriteSummary,
		"messages":    func(w io.Writer) error { return r.WriteMessages(w, features.FS) },
		"sarif":       func(w io.Writer) error { return r.WriteSARIF(w, "dragoman.yaml") },
		"quality":     func(w io.Writer) error { return r.WriteCodeQuality(w, "dragoman.yaml") },
		"annotations": func(w io.Writer) error { return r.WriteAnnotations(w, "dragoman.yaml") },
		"row":         func(w io.Writer) error { return r.WriteRow(w, "FRM-01") },
		"badge":       r.WriteBadgeSVG,
	}
}
