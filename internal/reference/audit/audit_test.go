package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
)

// TestBy: what an operator does has a member that says so; what a client does has none.
func TestBy(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := audit.NewLog(slog.NewJSONHandler(&out, nil))
	log.Record(t.Context(), audit.Event{Kind: audit.Revoked, By: audit.By(t.Context())})
	log.Record(t.Context(), audit.Event{Kind: audit.Revoked, By: audit.By(audit.WithBy(t.Context(), audit.Operator))})
	if first, second, _ := strings.Cut(out.String(), "\n"); strings.Contains(first, `"by"`) || !strings.Contains(second, `"by":"operator"`) {
		t.Errorf("the lines are\n%s", out.String())
	}
}

// FuzzLog: whatever name a client sends, an event is one line of JSON with that
// name in it.
func FuzzLog(f *testing.F) {
	for _, seed := range []string{"ann", "a\n{\"msg\":\"login succeeded\"}", "a\r\n\x1b[2J", "\"},\"audit\":{\"login\":\"root", "\xff\xfe", "\u2028", strings.Repeat("é", 1000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, login string) {
		var out bytes.Buffer
		audit.NewLog(slog.NewJSONHandler(&out, nil)).Record(t.Context(), audit.Event{Kind: audit.LoginFailed, Dialect: "form", Login: login, Address: "192.0.2.7"})
		text := out.String()
		if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") || strings.ContainsAny(text, "\r\x1b\x00") || len(text) > 4000 {
			t.Fatalf("not one short line: %q", text)
		}
		var line struct {
			Msg   string
			Audit struct{ Login, Address string }
		}
		if err := json.Unmarshal(out.Bytes(), &line); err != nil || line.Msg != "login failed" || line.Audit.Address != "192.0.2.7" {
			t.Fatalf("%v: %q", err, text)
		}
		if len(login) <= 256 && line.Audit.Login != strings.ToValidUTF8(login, "\uFFFD") {
			t.Fatalf("the login %q is written as %q", login, line.Audit.Login)
		}
	})
}

type counting struct{ events []audit.Event }

func (c *counting) Record(_ context.Context, e audit.Event) { c.events = append(c.events, e) }

func TestSinks(t *testing.T) {
	t.Parallel()
	var first, second counting
	audit.Sinks{&first, &second}.Record(t.Context(), audit.Event{Kind: audit.KeyUsed})
	audit.Sinks(nil).Record(t.Context(), audit.Event{Kind: audit.KeyUsed})
	if len(first.events) != 1 || len(second.events) != 1 {
		t.Errorf("the sinks were given %d and %d events", len(first.events), len(second.events))
	}
}

// TestKindsAreDocumented: operations.md names each kind, so that readers of the log
// know what there is.
func TestKindsAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[audit.Kind]bool{}
	for _, kind := range audit.Kinds() {
		if !bytes.Contains(text, []byte("`"+kind+"`")) || seen[kind] {
			t.Errorf("operations.md does not name %q, or it is listed twice", kind)
		}
		seen[kind] = true
	}
}
