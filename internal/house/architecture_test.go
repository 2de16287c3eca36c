package house_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/dragoman-auth/dragoman"

// imports maps each package of the module to what its non-test code imports.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	graph := map[string][]string{}
	for _, line := range goList(t, `{{.ImportPath}} {{join .Imports " "}}`, "./...") {
		fields := strings.Fields(line)
		graph[local(fields[0])] = fields[1:]
	}
	if len(graph) < 10 {
		t.Fatalf("go list found only %d packages: the rules below would check nothing", len(graph))
	}
	return graph
}

func goList(t *testing.T, format string, args ...string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"list", "-f", format}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// local is a package's path inside the module.
func local(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

// within says whether a package stands in one of the folders. A folder with a
// slash at its end stands for what is below it.
func within(pkg string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return pkg == folder || strings.HasPrefix(pkg, strings.TrimSuffix(folder, "/")+"/")
	})
}

// judge is what both the steps and the doctor stand on.
var judge = []string{
	"conformance/manifest", "internal/conformance/evidence", "internal/conformance/tokens",
	"internal/conformance/exchange", "internal/conformance/dialect", "internal/humanize",
}

// TestDirectImports holds, for every package, the folders of this module that
// it may import. Packages under examples may import everything but cmd, and vendors nothing.
func TestDirectImports(t *testing.T) {
	atRoot(t)
	t.Parallel()
	rules := []struct {
		folder string
		may    []string
	}{ // the first rule whose folder fits is the one that counts
		{"internal/wire", []string{"internal/wire"}},
		{"internal/humanize", []string{}},
		{"internal/drain", []string{}},
		{"internal/memhttp", []string{}},
		{"internal/memnet", []string{}},
		{"internal/peek", []string{}},
		{"internal/sdk", []string{"internal/wire"}},
		{"internal/atomicfile", []string{}},
		{"internal/benchtable", []string{}},
		{"internal/needs", []string{}},
		{"internal/pages", []string{}},
		{"internal/processgroup", []string{}},
		{"internal/gates", []string{"internal/needs"}},
		{"internal/stress", []string{}},
		{"internal/release", []string{"conformance/report", "internal/needs", "internal/release"}},
		{"internal/testrun", []string{}},
		{"sdk/sdktest", []string{"sdk", "internal/memhttp"}},
		{"sdk/filestore", []string{"sdk", "internal/atomicfile", "internal/sdk"}},
		{"sdk", []string{"sdk", "internal/peek", "internal/sdk", "internal/wire"}},
		{"internal/reference/store/postgres/pgtest", []string{"internal/needs"}},
		{"internal/reference", []string{"reference/", "internal/drain", "internal/reference", "internal/wire"}}, // the parts of reference, not the whole
		{"reference", []string{"reference", "internal/reference", "internal/wire"}},
		{"mockserver", []string{"mockserver", "reference", "internal/humanize", "internal/memhttp", "internal/memnet", "internal/peek", "internal/reference", "internal/wire"}},
		{"features", []string{}},
		{"internal/conformance/tokens", []string{}},
		{"internal/conformance/exchange", []string{"features", "conformance/manifest", "internal/conformance/evidence", "internal/conformance/tokens", "internal/humanize"}},
		{"internal/conformance/dialect", []string{"conformance/manifest", "internal/conformance/exchange"}},
		{"internal/conformance/steps/shared", judge},
		{"internal/conformance/steps/stepstest", append([]string{"features", "internal/conformance/catalogue", "internal/conformance/steps", "internal/memhttp", "internal/needs"}, judge...)},
		{"internal/conformance/steps/", append([]string{"internal/conformance/steps/shared"}, judge...)},
		{"internal/conformance/steps", append([]string{"internal/conformance/steps"}, judge...)},
		{"internal/conformance/doctor", append([]string{"conformance/report", "internal/conformance/subject"}, judge...)},
		{"internal/conformance/zoo/mutation", []string{"conformance/manifest", "internal/conformance/subject", "internal/memhttp", "internal/memnet", "internal/peek", "reference", "internal/reference"}},
		{"internal/conformance/zoo/security", []string{"internal/conformance/zoo/mutation", "reference"}},
		{"internal/conformance/zoo/session", []string{"conformance/manifest", "internal/conformance/zoo/mutation", "internal/conformance/zoo/security"}},
		{"internal/conformance/zoo/form", []string{"internal/conformance/zoo/mutation", "internal/conformance/zoo/security"}},
		{"internal/conformance/zoo/rpc", []string{"conformance/manifest", "reference", "internal/conformance/zoo/mutation", "internal/conformance/zoo/security", "internal/reference", "internal/wire"}},
		{"internal/conformance/zoo/scoped", []string{"internal/conformance/zoo/mutation", "internal/conformance/zoo/security", "internal/reference", "internal/wire"}},
		{"internal/conformance/zoo/wire", []string{"conformance/manifest", "internal/conformance/zoo/mutation", "internal/conformance/zoo/rpc", "reference"}},
		{"internal/conformance/zoo", []string{"conformance", "features", "internal/conformance", "internal/humanize"}},
		{"internal/conformance/subject", []string{"conformance/", "features", "reference", "internal/conformance", "internal/humanize", "internal/processgroup"}},
		{"internal/conformance", []string{"conformance/", "features", "internal/conformance", "internal/humanize"}}, // the parts of conformance, not the whole
		{"conformance", []string{"conformance", "features", "internal/conformance", "internal/humanize"}},
		{"cmd", []string{"sdk", "reference", "mockserver", "features", "conformance", "internal"}},
		{"internal/clientsuite/zoo", []string{"conformance/report", "features", "internal/clientsuite", "internal/conformance/catalogue", "internal/wire", "sdk"}},
		{"internal/clientsuite", []string{"conformance/manifest", "conformance/report", "features", "internal/conformance/catalogue", "internal/conformance/evidence", "internal/drain", "internal/humanize", "internal/processgroup", "mockserver"}},
		{"internal/management", []string{"internal/humanize", "mockserver"}},
		{"internal/chromium", []string{"internal/needs"}},
		{"internal/commandline", []string{"internal/humanize"}},
		{"internal/shellclient", []string{"internal/atomicfile", "internal/commandline", "internal/drain", "internal/humanize", "sdk"}},
		{"examples/vendors", []string{}},
		{"examples", []string{"sdk", "reference", "mockserver", "features", "conformance", "examples", "internal/wire"}},
		{"internal/vendors", []string{}},
	}
	for pkg, imported := range imports(t) {
		if pkg == "internal/house" {
			continue // these tests
		}
		i := slices.IndexFunc(rules, func(r struct {
			folder string
			may    []string
		}) bool {
			return within(pkg, r.folder)
		})
		if i < 0 {
			t.Errorf("package %s stands in no folder that the rules know", pkg)
			continue
		}
		for _, path := range imported {
			if strings.HasPrefix(path, module+"/") && !within(local(path), rules[i].may...) {
				t.Errorf("%s imports %s, but %s may import only %v", pkg, local(path), rules[i].folder, rules[i].may)
			}
		}
	}
}

// TestTransitiveImports holds what must not reach a package by any way.
func TestTransitiveImports(t *testing.T) {
	atRoot(t)
	t.Parallel()
	heavy := []string{
		"testing", "github.com/testcontainers", "github.com/cucumber", "github.com/julienschmidt",
		"google.golang.org/grpc", "modernc.org", "github.com/jackc", "golang.org/x/oauth2", "go.opentelemetry.io",
	}
	for pkg, banned := range map[string][]string{
		"sdk":                        append([]string{module + "/reference", module + "/conformance", module + "/mockserver"}, heavy...),
		"internal/wire":              append([]string{"github.com", "google.golang.org", "net/http"}, heavy...),
		"reference":                  {module + "/conformance", module + "/mockserver", "testing", "github.com/cucumber", "github.com/go-resty", "go.opentelemetry.io/otel/sdk", "go.opentelemetry.io/otel/exporters"},
		"features":                   {module + "/sdk", module + "/reference"},
		"internal/conformance/steps": {module + "/sdk", module + "/internal/sdk", module + "/internal/wire", module + "/reference", module + "/internal/reference"},
	} {
		for _, dep := range goList(t, "{{.ImportPath}}", "-deps", "./"+pkg) {
			if dep != module+"/"+pkg && within(dep, banned...) {
				t.Errorf("%s depends on %s", pkg, dep)
			}
		}
	}
}
