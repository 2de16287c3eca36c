package reference_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

const (
	hashMemory = 19 << 20 // of one argon2id hash
	// loginMemory is what docs/operations.md promises that logins take at most.
	// The garbage collector counts as live what is allocated while it works, which
	// is at most twice the four hashes that run, and lets the heap grow to twice
	// that.
	loginMemory = 4 * 2 * 2 * hashMemory
)

// ownProcess is the variable that is set in the process that measures.
const ownProcess = "DRAGOMAN_TEST_LOGIN_MEMORY"

// TestLoginsStayWithinTheirMemory sends 60 logins at once to a server with every
// default, and so with argon2id at its real cost. No login waits too long, however
// slow the machine is: the time is that of testing/synctest.
func TestLoginsStayWithinTheirMemory(t *testing.T) {
	t.Parallel()
	if os.Getenv(ownProcess) == "" { // otherwise other tests would be measured too
		command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		command.Env = append(os.Environ(), ownProcess+"=1", "GOGC=100") // a server's default
		out, err := command.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "MiB") {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Logf("%s", out)
		return
	}
	const logins = 60
	var succeeded atomic.Int32
	grown := watchHeap(t)
	synctest.Test(t, func(t *testing.T) {
		o := officeOfAnn(t)
		ways := dialects()
		for _, d := range ways { // makes the hash of the dummy account
			o.want("a first login by "+d.name, d.login(o, "ann", "right"), 200)
		}
		var all sync.WaitGroup
		for i := range logins {
			all.Go(func() {
				if r := ways[i%len(ways)].login(o, "ann", "right"); r.status != http.StatusOK {
					t.Errorf("a login of many: %d %s", r.status, r.body)
					return
				}
				succeeded.Add(1)
			})
		}
		all.Wait()
	})
	peak := grown()
	t.Logf("%d logins succeeded; the heap grew by %d MiB", succeeded.Load(), peak>>20)
	if succeeded.Load() != logins {
		t.Errorf("%d of %d logins succeeded", succeeded.Load(), logins)
	}
	if peak > loginMemory || peak < hashMemory {
		t.Errorf("the heap grew by %d MiB; one hash takes %d, and logins at most %d", peak>>20, hashMemory>>20, loginMemory>>20)
	}
}

// gate is a hasher that waits until open is closed, and counts the hashes that run.
type gate struct {
	account.FastHasher
	running atomic.Int32
	open    chan struct{}
}

func (g *gate) Verify(hash, password string) (bool, error) {
	g.running.Add(1)
	defer g.running.Add(-1)
	<-g.open
	return g.FastHasher.Verify(hash, password)
}

// TestTooManyLoginsAtOnce checks the defaults: 4 logins are hashed at once, 256
// wait, the next one is rejected at once, and a login that has waited for 15
// seconds too. The time is that of testing/synctest, so "at once" takes none.
func TestTooManyLoginsAtOnce(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hasher := &gate{open: make(chan struct{})}
				open := sync.OnceFunc(func() { close(hasher.open) })
				defer open() // also when the test has failed
				o := inMemory(t, reference.Config{Accounts: reference.DemoAccounts(), Hasher: hasher, RPCSigner: testSigner()})
				answers := make(chan reply, 4+256)
				began := time.Now()
				for range cap(answers) {
					go func() { answers <- d.login(o, "root", "root") }()
				}
				synctest.Wait()
				if running := hasher.running.Load(); running != 4 || len(answers) != 0 {
					t.Fatalf("%d passwords are hashed at once and %d logins answered, want 4 and none", running, len(answers))
				}
				refused := func(what string, r reply, after time.Duration) {
					if took := time.Since(began); r.status != 503 || r.header.Get("Retry-After") == "" || took != after {
						t.Fatalf("%s: after %v status %d, Retry-After %q; want 503 after %v", what, took, r.status, r.header.Get("Retry-After"), after)
					}
				}
				refused("one too many", d.login(o, "root", "root"), 0)
				for range 256 {
					refused("one that waited", <-answers, 15*time.Second)
				}
				open()
				for range 4 {
					o.want("one of the first", <-answers, 200)
				}
				o.want("a login afterwards", d.login(o, "root", "root"), 200)
			})
		})
	}
}

// officeOfAnn returns an office with the default hasher and limiter, and one account
// in the store.
func officeOfAnn(t *testing.T) *office {
	t.Helper()
	shared := memory.New()
	accounts, err := account.NewRegistry(shared, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := accounts.Add(t.Context(), account.Account{Login: "ann", Email: "ann@example.com", Password: "right"}); err != nil {
		t.Fatal(err)
	}
	return inMemory(t, reference.Config{Store: shared, RPCSigner: testSigner()})
}

// watchHeap measures the heap every millisecond until the returned function is
// called, which returns by how many bytes it has grown at most.
func watchHeap(t *testing.T) (grown func() int64) {
	inUse := func() int64 {
		samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
		metrics.Read(samples)
		return int64(samples[0].Value.Uint64() + samples[1].Value.Uint64())
	}
	runtime.GC()
	before := inUse()
	ctx, stop := context.WithCancel(t.Context())
	most := make(chan int64)
	go func() {
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		peak := before
		for {
			peak = max(peak, inUse())
			select {
			case <-ctx.Done():
				most <- peak - before
				return
			case <-ticker.C:
			}
		}
	}()
	return func() int64 { stop(); return <-most }
}
