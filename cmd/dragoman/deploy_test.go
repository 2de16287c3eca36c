package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"

	"github.com/dragoman-auth/dragoman/internal/needs"
	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/metrics"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference"
)

// deployed reads a file of examples/deploy.
func deployed(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// nothing is an empty environment.
func nothing(string) (string, bool) { return "", false }

// serveSettings reads a command line as "dragoman" does, which has to be that of serve,
// and returns its flags.
func serveSettings(t *testing.T, line []string) *pflag.FlagSet {
	t.Helper()
	command, args, err := newRootCommand().Find(line)
	if err != nil || command.Name() != "serve" {
		t.Fatalf("%v is no serve: %v", line, err)
	}
	if err := command.ParseFlags(args); err != nil {
		t.Fatalf("%v: %v", line, err)
	}
	return command.Flags()
}

// knownVariable says whether a variable is one that serve reads.
func knownVariable(t *testing.T, name string) bool {
	t.Helper()
	known := false
	serveSettings(t, []string{"serve"}).VisitAll(func(flag *pflag.Flag) { known = known || variable(flag.Name) == name })
	return known
}

// TestDeployUnit: the unit for systemd is one, and starts serve with settings that it
// knows.
func TestDeployUnit(t *testing.T) {
	t.Parallel()
	unit := deployed(t, "dragoman.service")
	line := regexp.MustCompile(`(?m)^ExecStart=(\S+) (.*)$`).FindStringSubmatch(unit)
	if line == nil {
		t.Fatal("the unit starts nothing")
	}
	flags := serveSettings(t, strings.Fields(line[2]))
	path, err := flags.GetString(configFlag)
	if err != nil || filepath.Base(path) != "serve.yaml" {
		t.Errorf("its settings are in %q (%v)", path, err)
	}
	copied := filepath.Join("..", "..", "examples", "deploy", "serve.yaml")
	if err := flags.Set(configFlag, copied); err != nil {
		t.Fatal(err)
	}
	if err := applySettings(flags, nothing); err != nil {
		t.Errorf("serve.yaml: %v", err)
	}
	for _, found := range regexp.MustCompile(`(?m)^Environment=(\w+)=`).FindAllStringSubmatch(unit, -1) {
		if !knownVariable(t, found[1]) {
			t.Errorf("serve does not read %s", found[1])
		}
	}
	var stop time.Duration
	for _, name := range []string{"drain", "drain-delay"} {
		wait, err := flags.GetDuration(name)
		if err != nil {
			t.Fatal(err)
		}
		stop += wait
	}
	if !strings.Contains(unit, "TimeoutStopSec=30s") || stop >= 30*time.Second {
		t.Errorf("a drain takes up to %v, and the unit has to wait longer", stop)
	}
	verify := needs.Program(t, "systemd-analyze")
	file := filepath.Join(t.TempDir(), "dragoman.service")
	if err := os.WriteFile(file, []byte(strings.Replace(unit, line[1], ownBinary(t), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), verify, "verify", "--man=no", file).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// composed is the part of a compose file that matters here.
type composed struct {
	Services map[string]struct {
		Image       string            `yaml:"image"`
		Command     []string          `yaml:"command"`
		Environment map[string]string `yaml:"environment"`
		Build       *build            `yaml:"build"`
		DependsOn   map[string]any    `yaml:"depends_on"`
		Volumes     []string          `yaml:"volumes"`
	} `yaml:"services"`
	Volumes  map[string]any `yaml:"volumes"`
	Networks map[string]struct {
		IPAM struct{ Config []struct{ Subnet string } }
	} `yaml:"networks"`
}

type build struct{ Context, Dockerfile string }

// compose reads compose.yaml.
func compose(t *testing.T) composed {
	t.Helper()
	var file composed
	if err := yaml.Unmarshal([]byte(deployed(t, "compose.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestDeployCompose: the replicas start with flags and variables that serve knows, and
// what a service names is there.
func TestDeployCompose(t *testing.T) {
	t.Parallel()
	file, replicas := compose(t), 0
	for name, service := range file.Services {
		for other := range service.DependsOn {
			if _, found := file.Services[other]; !found {
				t.Errorf("%s depends on %s, which is no service", name, other)
			}
		}
		for _, volume := range service.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			if local, is := strings.CutPrefix(source, "./"); is {
				if local != "tls.pem" { // the operator's own
					deployed(t, local)
				}
			} else if _, found := file.Volumes[source]; !found {
				t.Errorf("%s has the volume %s, which is none", name, source)
			}
		}
		if service.Build != nil {
			deployed(t, filepath.Join(service.Build.Context, service.Build.Dockerfile))
		} else if service.Image == "" {
			t.Errorf("%s has no image", name)
		}
		if !strings.HasPrefix(service.Image, "dragoman:") {
			continue
		}
		replicas++
		flags := serveSettings(t, service.Command)
		if trusted, err := flags.GetStringSlice("trusted-proxy"); err != nil || !slices.Equal(trusted, []string{file.Networks["default"].IPAM.Config[0].Subnet}) {
			t.Errorf("%s trusts %v (%v), and not the network of the proxy", name, trusted, err)
		}
		if admin, err := flags.GetString("admin"); err != nil || !strings.Contains(deployed(t, "prometheus.yml"), name+admin) {
			t.Errorf("prometheus.yml does not scrape %s%s (%v)", name, admin, err)
		}
		for variable := range service.Environment {
			if !knownVariable(t, variable) {
				t.Errorf("serve does not read %s", variable)
			}
		}
	}
	if replicas != 2 {
		t.Errorf("%d replicas, want 2", replicas)
	}
}

// measured are the metrics that a server has, each with its labels.
func measured(t *testing.T) string {
	t.Helper()
	m := metrics.New(nil)
	m.Request(reference.Request{Dialect: "form", Route: "GET /items", Status: "503"})
	for _, kind := range []audit.Kind{audit.LoginFailed, audit.LoginThrottled, audit.Replayed, audit.KeyUsed} {
		m.Record(t.Context(), audit.Event{Kind: kind, Dialect: "session"})
	}
	s := m.Store(memory.New())
	if _, err := s.List(t.Context(), "form", "ann"); err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return recorder.Body.String() + "dragoman_store_errors_total{operation=\"get\"} 0\n" // there is one from the first error on
}

// TestDeployDashboards: the queries of the alerts and of the dashboard are ones for
// Prometheus and ask for metrics and labels that the server has; the alerts fire when
// they should, and not otherwise.
func TestDeployDashboards(t *testing.T) {
	t.Parallel()
	var board struct {
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr, LegendFormat string }
		}
	}
	if err := json.Unmarshal([]byte(deployed(t, "dashboard.json")), &board); err != nil {
		t.Fatal(err)
	}
	queries, ids := strings.Builder{}, []int{}
	queries.WriteString("groups:\n- name: dashboard\n  rules:\n")
	for _, panel := range board.Panels {
		if panel.Title == "" || len(panel.Targets) == 0 || panel.GridPos.X+panel.GridPos.W > 24 || slices.Contains(ids, panel.ID) {
			t.Errorf("the panel %+v is not complete", panel)
		}
		ids = append(ids, panel.ID)
		for i, target := range panel.Targets {
			query := strings.ReplaceAll(target.Expr, "$__rate_interval", "1m")
			fmt.Fprintf(&queries, "  - record: panel:%d:%d\n    expr: %q\n", panel.ID, i, query)
		}
	}
	there := measured(t)
	for _, text := range []string{queries.String(), deployed(t, "alerts.yaml")} {
		for _, asked := range regexp.MustCompile(`\b(?:dragoman|process)_[a-z_]+`).FindAllString(text, -1) {
			if !strings.Contains(there, "\n"+asked+"{") && !strings.Contains(there, "\n"+asked+" ") && !strings.HasPrefix(there, asked) {
				t.Errorf("the server has no metric %s", asked)
			}
		}
		for _, label := range regexp.MustCompile(`by \(([a-z, ]+)\)`).FindAllStringSubmatch(text, -1) {
			for _, name := range strings.Split(label[1], ", ") {
				if name != "instance" && !strings.Contains(there, name+"=") {
					t.Errorf("no metric has the label %s", name)
				}
			}
		}
		for _, value := range regexp.MustCompile(`(event|outcome)=~?\\?"([a-z|]+)\\?"`).FindAllStringSubmatch(text, -1) {
			for _, one := range strings.Split(value[2], "|") {
				if !strings.Contains(there, value[1]+`="`+one+`"`) {
					t.Errorf("no metric has %s=%q", value[1], one)
				}
			}
		}
	}
	promtool := needs.Program(t, "promtool")
	rules := filepath.Join(t.TempDir(), "dashboard.yaml")
	if err := os.WriteFile(rules, []byte(queries.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join("..", "..", "examples", "deploy")
	for _, args := range [][]string{
		{"check", "rules", rules}, {"check", "config", filepath.Join(folder, "prometheus.yml")}, {"test", "rules", filepath.Join(folder, "alerts_test.yaml")},
	} {
		if out, err := exec.CommandContext(t.Context(), promtool, args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
	for _, alert := range regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(deployed(t, "alerts.yaml"), -1) {
		if strings.Count(deployed(t, "alerts_test.yaml"), alert[1]) != 2 {
			t.Errorf("alerts_test.yaml does not show when %s fires and when not", alert[1])
		}
	}
}
