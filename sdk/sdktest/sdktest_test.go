package sdktest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/sdktest"
)

// The contract must fail where it is broken. So each mutant runs in a process of
// its own, which has to fail in the named subtests.
const envMutant = "DRAGOMAN_TEST_MUTANT"

// plain is a small dialect that can be broken in one way.
type plain struct {
	Password string // exported, so that it prints
	secret   sdk.Secret
	mutant   string
}

func (d *plain) Name() string {
	if d.mutant == "name" {
		return "Two Words"
	}
	return "plain"
}

func (d *plain) Login(ctx context.Context, x *sdk.TokenClient) (sdk.Token, error) {
	reply, err := x.Do(ctx, sdk.Call{Op: "login", Method: http.MethodPost, Path: "/login", JSON: d.secret.Reveal()})
	switch {
	case err != nil && d.mutant == "plain errors":
		return sdk.Token{}, errors.New("no")
	case err != nil && d.mutant == "quoting errors" && reply != nil:
		return sdk.Token{}, &sdk.Error{Op: "login", Dialect: "plain", Status: reply.Status, Err: fmt.Errorf("%s: %w", reply.Body(), sdk.ErrRefused)}
	case err != nil && d.mutant == "always final":
		return sdk.Token{}, &sdk.Error{Op: "login", Dialect: "plain", Err: sdk.ErrRefused}
	case err != nil:
		return sdk.Token{}, err
	}
	var answer any
	if err := reply.JSON(&answer); err != nil {
		return sdk.Token{}, err
	}
	object, ok := answer.(map[string]any)
	text, _ := object["token"].(string)
	if d.mutant == "panics" {
		text = answer.(map[string]any)["token"].(string)
	}
	if !ok || text == "" {
		return sdk.Token{}, reply.Protocol("no token")
	}
	return sdk.Token{Access: sdk.NewSecret(text), Issued: reply.Sent}, nil
}

func (d *plain) Revoke(ctx context.Context, x *sdk.TokenClient, token sdk.Token) error {
	if d.mutant == "revokes nothing" {
		return nil
	}
	_, err := x.Do(ctx, sdk.Call{Op: "revoke", Method: http.MethodDelete, Path: "/login", Token: token})
	if d.mutant != "revokes once" && sdk.TokenGone(err) {
		return nil
	}
	return err
}

func (d *plain) Authorize(header http.Header, token sdk.Token) {
	switch d.mutant {
	case "same header":
		header.Set("Authorization", "yes")
	case "no header":
	default:
		header.Set("Authorization", token.Access.Reveal())
	}
}

func (d *plain) Rejected(response *http.Response) bool {
	switch d.mutant {
	case "never rejected":
		return false
	case "403 is rejected":
		return response.StatusCode == http.StatusForbidden || response.StatusCode == http.StatusUnauthorized
	case "eats the body":
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	return response.StatusCode == http.StatusUnauthorized
}

// office is its server.
type office struct {
	mu     sync.Mutex
	serial int
	live   map[string]bool
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var password string
	token := r.Header.Get("Authorization")
	switch {
	case r.Method == http.MethodPost && json.NewDecoder(r.Body).Decode(&password) == nil && password == "the-password":
		o.serial++
		token = fmt.Sprint("the-token-", o.serial)
		o.live[token] = true
		_, _ = fmt.Fprintf(w, `{"token":%q}`, token)
	case r.Method == http.MethodGet && o.live[token]:
	case r.Method == http.MethodDelete && o.live[token]:
		delete(o.live, token)
	default:
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, "no")
	}
}

func subject(mutant string) sdktest.Subject {
	o := &office{live: map[string]bool{}}
	dialect := func(password string) sdk.Dialect {
		d := &plain{secret: sdk.NewSecret(password), mutant: mutant}
		if mutant == "prints" {
			d.Password = password
		}
		return d
	}
	s := sdktest.Subject{
		Dialect: dialect("the-password"), WrongPassword: dialect("not-the-password"), Server: o, Resource: "/x",
		RejectAll: func() { o.mu.Lock(); defer o.mu.Unlock(); clear(o.live) }, Secrets: []string{"the-password", "not-the-password"},
	}
	if mutant == "asks anyway" {
		s.WrongPassword = nil
	}
	return s
}

// loose is a store that can be broken in one way.
type loose struct {
	*sdk.MemoryStore
	mutant string
}

func (l loose) Save(ctx context.Context, key string, record sdk.Record) (uint64, error) {
	switch l.mutant {
	case "no compare":
		stored, err := l.Load(ctx, key)
		if err != nil {
			return 0, err
		}
		record.Version = stored.Version
	case "short values":
		record.Token.Access = sdk.NewSecret(record.Token.Access.Reveal()[:min(len(record.Token.Access.Reveal()), 2000)])
	case "forgets the intent":
		record.Intent = record.Token.Issued
	case "one key":
		key = "key"
	}
	return l.MemoryStore.Save(ctx, key, record)
}

func (l loose) Load(ctx context.Context, key string) (sdk.Record, error) {
	if l.mutant == "one key" {
		key = "key"
	}
	return l.MemoryStore.Load(ctx, key)
}

func (l loose) Delete(ctx context.Context, key string) error {
	if l.mutant == "deletes nothing" {
		return nil
	}
	if l.mutant == "one key" {
		key = "key"
	}
	return l.MemoryStore.Delete(ctx, key)
}

func (l loose) Lock(ctx context.Context, key string) (func(), error) {
	switch l.mutant {
	case "no lock":
		return func() {}, ctx.Err()
	case "lock without context":
		ctx = context.WithoutCancel(ctx)
	}
	return l.MemoryStore.Lock(ctx, key)
}

func runStore(t *testing.T, mutant string) {
	sdktest.RunStore(t, func(*testing.T) func() sdk.Store {
		store := loose{sdk.NewMemoryStore(), mutant}
		return func() sdk.Store { return store }
	})
}

func TestSoundOnesPass(t *testing.T) {
	t.Parallel()
	sdktest.RunDialect(t, func(*testing.T) sdktest.Subject { return subject("") })
	runStore(t, "")
}

func TestBrokenOnesFail(t *testing.T) {
	if kind, mutant, found := strings.Cut(os.Getenv(envMutant), ":"); found { // a process of its own
		if kind == "store" {
			runStore(t, mutant)
		} else {
			sdktest.RunDialect(t, func(*testing.T) sdktest.Subject { return subject(mutant) })
		}
		return
	}
	t.Parallel()
	for mutant, subtest := range map[string]string{
		"dialect:name":               "name",
		"dialect:plain errors":       "wrong_password_is_final",
		"dialect:quoting errors":     "nothing_secret_is_printed",
		"dialect:always final":       "failures_of_the_server_are_temporary",
		"dialect:panics":             "bad_answers_are_errors",
		"dialect:revokes nothing":    "revocation",
		"dialect:revokes once":       "revocation",
		"dialect:same header":        "authorize_depends_on_the_token_alone",
		"dialect:no header":          "login_opens_the_resource",
		"dialect:never rejected":     "no_token_is_rejected",
		"dialect:403 is rejected":    "no_token_is_rejected",
		"dialect:eats the body":      "no_token_is_rejected",
		"dialect:prints":             "nothing_secret_is_printed",
		"dialect:asks anyway":        "wrong_password_is_final",
		"store:no compare":           "compare_and_swap",
		"store:short values":         "long_values",
		"store:forgets the intent":   "round_trip",
		"store:one key":              "keys_are_apart",
		"store:deletes nothing":      "delete",
		"store:no lock":              "lock_excludes",
		"store:lock without context": "lock_waits_with_its_context",
	} {
		t.Run(mutant, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBrokenOnesFail$", "-test.v")
			if mutant == "store:lock without context" { // the contract waits for half of the time
				command.Args = append(command.Args, "-test.run=^TestBrokenOnesFail$/^"+subtest+"$", "-test.timeout=16s")
			}
			command.Env = append(os.Environ(), envMutant+"="+mutant)
			output, err := command.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) {
				t.Fatalf("the contract passed: %v\n%s", err, output)
			}
			if !strings.Contains(string(output), "--- FAIL: TestBrokenOnesFail/"+subtest) {
				t.Errorf("the contract failed, but not in %s:\n%s", subtest, output)
			}
		})
	}
}
