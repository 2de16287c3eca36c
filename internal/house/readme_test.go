package house_test

import (
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/pages"
	"github.com/dragoman-auth/dragoman/mockserver"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// The tests of this file keep the README true. That the commands and flags it
// names exist is tested beside them, in cmd/dragoman/readme_test.go.

// The functions below are the README's Go, so that the compiler reads it:
// TestReadmeGo looks for every line of it here.

func callABackOffice(ctx context.Context, password string) error {
	client, err := sdk.New("https://demo.back-office.pro", session.Password("me@example.com", sdk.NewSecret(password)))
	if err != nil {
		return err
	}
	defer client.Close(ctx)

	response, err := client.R(ctx).Get("/users")
	httpClient := client.HTTPClient()

	_, _ = response, httpClient
	return err
}

func TestReadmeMock(t *testing.T) {
	atRoot(t)
	t.Parallel()
	mock := mockserver.New(t)
	client, _ := sdk.New(mock.URL, session.Password("root@example.com", sdk.NewSecret("root")))
	defer client.Close(t.Context())
	expectUsers(t, client)
	mock.Advance(11 * time.Minute)
	expectUsers(t, client)
	if !asked(mock, "/users", 401) || !asked(mock, "/tokens", 200) {
		t.Errorf("the token did not expire after 11 minutes: %v", mock.Requests())
	}
}

func TestMyClient(t *testing.T) {
	atRoot(t)
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("session"))
	run := func(url string) {
		client, _ := sdk.New(url, session.Password("clerk@example.com", sdk.NewSecret("wrong")))
		defer client.Close(t.Context())
		if _, err := client.R(t.Context()).Get("/users"); !errors.Is(err, sdk.ErrRefused) {
			t.Errorf("a wrong password is %v, want sdk.ErrRefused", err)
		}
	}
	run(mock.URL)
	mock.Advance(11 * time.Minute)
	for _, request := range mock.Requests() {
		t.Log(request.Method, request.Path, request.Status)
	}
	if !asked(mock, "/sessions", 401) {
		t.Error("the journal does not show the login")
	}
}

func expectUsers(t *testing.T, client *sdk.Client) {
	t.Helper()
	response, err := client.R(t.Context()).Get("/users")
	if err != nil || response.IsError() {
		t.Fatalf("GET /users: %v, %v", response, err)
	}
}

func asked(mock *mockserver.Server, path string, status int) bool {
	return slices.ContainsFunc(mock.Requests(), func(r mockserver.Request) bool { return r.Path == path && r.Status == status })
}

var _ = callABackOffice // it would need the network

func TestReadmeGo(t *testing.T) {
	atRoot(t)
	t.Parallel()
	compiled := trimmedLines(read(t, "internal/house/readme_test.go"))
	blocks := readmeBlocks(t, "go")
	if len(blocks) < 3 {
		t.Fatalf("%d blocks of Go in the README, want 3 at least", len(blocks))
	}
	for _, block := range blocks {
		for line := range trimmedLines(block) {
			if !compiled[line] {
				t.Errorf("this line of the README is not in readme_test.go: %s", line)
			}
		}
	}
}

// trimmedLines is a set of lines of Go, without comments and indentation.
func trimmedLines(text string) map[string]bool {
	lines := map[string]bool{}
	for line := range strings.Lines(text) {
		code, _, _ := strings.Cut(line, "  //")
		if code = strings.TrimSpace(code); code != "" {
			lines[code] = true
		}
	}
	return lines
}

// TestTranscripts compares what pages say that the quick starts print with what their
// own tests want, which run them against a mock.
func TestTranscripts(t *testing.T) {
	atRoot(t)
	t.Parallel()
	shown := map[string]int{}
	for _, block := range blocksOf(t, "console") {
		for _, command := range regexp.MustCompile(`(?m)^\$ `).Split(block.Text, -1) {
			line, printed, _ := strings.Cut(command, "\n")
			start, ok := strings.CutPrefix(line, "go run ./examples/quickstart ")
			if !ok {
				continue
			}
			shown[block.Page]++
			if want := wantOf(t, filepath.Join("examples", "quickstart", start+"_test.go")); printed != want {
				t.Errorf("%s:%d: %s prints, they say,\n%sbut its test wants\n%s", block.Page, block.Line, start, printed, want)
			}
		}
	}
	if shown["README.md"] != 4 {
		t.Errorf("the README shows %d quick starts, want one for each of the four dialects", shown["README.md"])
	}
}

// wantOf is the constant want of a test file.
func wantOf(t *testing.T, path string) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ValueSpec); ok && spec.Names[0].Name == "want" && len(spec.Values) == 1 {
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
				want, err = strconv.Unquote(literal.Value)
			}
		}
		return true
	})
	if want == "" || err != nil {
		t.Fatalf("%s has no constant want: %v", path, err)
	}
	return want
}

// TestReadmeManifest reads the README's manifest as dragoman verify does.
func TestReadmeManifest(t *testing.T) {
	atRoot(t)
	t.Parallel()
	blocks := readmeBlocks(t, "yaml")
	if len(blocks) != 1 {
		t.Fatalf("%d manifests in the README, want 1", len(blocks))
	}
	env := func(name string) (string, bool) { return "secret", name == "MY_PASSWORD" }
	m, err := manifest.Parse("README.md", []byte(blocks[0]), env)
	if err != nil {
		t.Fatal(err)
	}
	if m.Dialects.Form == nil || m.Dialects.Form.Accounts.Full.Password != "secret" {
		t.Errorf("the manifest declares %+v, want form with the password of the environment", m.Dialects)
	}
}

// TestReadmeCounts holds the README to the suite's number of requirements.
func TestReadmeCounts(t *testing.T) {
	atRoot(t)
	t.Parallel()
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		t.Fatal(err)
	}
	counts := regexp.MustCompile(`(\d+) requirements`).FindAllStringSubmatch(read(t, "README.md"), -1)
	if len(counts) == 0 {
		t.Error("the README does not say how many requirements there are")
	}
	for _, count := range counts {
		if count[1] != strconv.Itoa(len(suite.Requirements)) {
			t.Errorf("the README speaks of %s, there are %d", count[0], len(suite.Requirements))
		}
	}
}

// TestReadmeLogin makes the README's login and compares what comes back, but
// for the tokens.
func TestReadmeLogin(t *testing.T) {
	atRoot(t)
	t.Parallel()
	found := regexp.MustCompile(`(?m)^\$ curl http://127\.0\.0\.1:8080(/sessions) -d '(.+)'\n(.+)$`).FindStringSubmatch(read(t, "README.md"))
	if found == nil {
		t.Fatal("the README shows no login by curl")
	}
	client, err := sdk.New(mockserver.New(t).URL, session.APIKey(sdk.NewSecret("unused")))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close(t.Context())
	response, err := client.R(t.Context()).SetBody(found[2]).Post(found[1])
	if err != nil || response.IsError() {
		t.Fatalf("the login of the README: %v, %v", response, err)
	}
	if shown, got := shape(t, found[3]), shape(t, response.String()); shown != got {
		t.Errorf("the README shows %s, the answer is %s", shown, got)
	}
}

// shape is a JSON object with the values of its tokens left out.
func shape(t *testing.T, text string) string {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for _, name := range []string{"access_token", "refresh_token"} {
		if value, _ := object[name].(string); value != "" {
			object[name] = "..."
		}
	}
	out, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestMakeTargets looks for every "make target" of the documents in the Makefile.
func TestMakeTargets(t *testing.T) {
	atRoot(t)
	t.Parallel()
	targets := map[string]bool{}
	for _, target := range regexp.MustCompile(`(?m)^([a-z]+):`).FindAllStringSubmatch(read(t, "Makefile"), -1) {
		targets[target[1]] = true
	}
	named := regexp.MustCompile("(?:`|\\$ |&& )make ([a-z]+)")
	for _, page := range allPages(t) {
		for _, target := range named.FindAllStringSubmatch(page.Text, -1) {
			if !targets[target[1]] {
				t.Errorf("%s: there is no make %s", page.Path, target[1])
			}
		}
	}
	if !named.MatchString(read(t, "README.md")) {
		t.Error("the README names no target: this test would check nothing")
	}
}

// readmeBlocks are the blocks of the README in one language.
func readmeBlocks(t *testing.T, language string) []string {
	t.Helper()
	var texts []string
	for _, block := range pages.BlocksIn([]pages.Page{{Path: "README.md", Text: read(t, "README.md")}}, language) {
		texts = append(texts, block.Text)
	}
	return texts
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
