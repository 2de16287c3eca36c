package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
)

// trap panics at one call of one callback.
type trap struct {
	callback string
	call     int // counted from 1
	seen     atomic.Int64
}

func (p *trap) called(callback string) {
	if callback != p.callback {
		return
	}
	if p.seen.Add(1) == int64(p.call) {
		panic("a secret: " + fakeoffice.Password)
	}
}

// formDialect is what form.Password returns.
type formDialect interface {
	sdk.Renewer
	sdk.Revoker
	sdk.Prober
	sdk.Keyed
	sdk.Validator
	sdk.Dialect
}

// trapped is a dialect, a store, an observer, a clock, a source of random
// numbers, a hook and a transport over one trap.
type trapped struct {
	formDialect
	*trap
	store sdk.Store
	base  http.RoundTripper
}

func (d *trapped) Name() string    { d.called("Name"); return d.formDialect.Name() }
func (d *trapped) Key() string     { d.called("Key"); return d.formDialect.Key() }
func (d *trapped) Validate() error { d.called("Validate"); return d.formDialect.Validate() }

func (d *trapped) Login(ctx context.Context, x *sdk.TokenClient) (sdk.Token, error) {
	d.called("Login")
	return d.formDialect.Login(ctx, x)
}

func (d *trapped) Renew(ctx context.Context, x *sdk.TokenClient, token sdk.Token) (sdk.Token, error) {
	d.called("Renew")
	return d.formDialect.Renew(ctx, x, token)
}

func (d *trapped) Revoke(ctx context.Context, x *sdk.TokenClient, token sdk.Token) error {
	d.called("Revoke")
	return d.formDialect.Revoke(ctx, x, token)
}

func (d *trapped) Inspect(ctx context.Context, x *sdk.TokenClient, token sdk.Token) (sdk.Token, error) {
	d.called("Inspect")
	return d.formDialect.Inspect(ctx, x, token)
}

func (d *trapped) Authorize(header http.Header, token sdk.Token) {
	d.called("Authorize")
	d.formDialect.Authorize(header, token)
}

func (d *trapped) Rejected(response *http.Response) bool {
	d.called("Rejected")
	return d.formDialect.Rejected(response)
}

func (d *trapped) MaybeRejected(response *http.Response) bool {
	d.called("MaybeRejected")
	return d.formDialect.MaybeRejected(response)
}

func (d *trapped) ErrorCode([]byte) string { d.called("ErrorCode"); return "" }

func (d *trapped) Load(ctx context.Context, key string) (sdk.Record, error) {
	d.called("Load")
	return d.store.Load(ctx, key)
}

func (d *trapped) Save(ctx context.Context, key string, record sdk.Record) (uint64, error) {
	d.called("Save")
	return d.store.Save(ctx, key, record)
}

func (d *trapped) Delete(ctx context.Context, key string) error {
	d.called("Delete")
	return d.store.Delete(ctx, key)
}

func (d *trapped) Lock(ctx context.Context, key string) (func(), error) {
	d.called("Lock")
	unlock, err := d.store.Lock(ctx, key)
	return func() { unlock(); d.called("unlock") }, err
}

func (d *trapped) RoundTrip(request *http.Request) (*http.Response, error) {
	d.called("RoundTrip")
	return d.base.RoundTrip(request)
}

func (d *trapped) Observe(_ context.Context, event sdk.Event) {
	d.called("Observe")
	d.called("Observe " + string(event.Kind))
}

// callbacks are all that the client calls out to.
func callbacks() []string {
	return []string{
		"Name", "Key", "Validate", "Login", "Renew", "Revoke", "Inspect", "Authorize", "Rejected", "MaybeRejected", "ErrorCode",
		"Load", "Save", "Delete", "Lock", "unlock", "RoundTrip", "clock", "random", "hook", "Observe",
		"Observe login", "Observe renew", "Observe adopt", "Observe revoke", "Observe reject", "Observe replay", "Observe wait", "Observe store",
	}
}

// TestAPanicInAnyCallbackIsAnErrorAndNothingMore lets every callback panic at
// every call of a life of a client. Where a lock stays held, the test hangs.
func TestAPanicInAnyCallbackIsAnErrorAndNothingMore(t *testing.T) {
	t.Parallel()
	for _, callback := range callbacks() {
		t.Run(callback, func(t *testing.T) {
			t.Parallel()
			for call := 1; ; call++ {
				synctest.Test(t, func(t *testing.T) {
					if seen := aLife(t, &trap{callback: callback, call: call}); seen == 0 {
						t.Errorf("%s is never called: this checks nothing", callback)
					} else if seen < call {
						call = -1 // all were tried
					}
				})
				if call < 0 {
					return
				}
			}
		})
	}
}

// aLife leads a client through everything that it can do, twice, and says how
// often the trap was entered.
func aLife(t *testing.T, p *trap) int {
	t.Helper()
	office := fakeoffice.New()
	store := newFlaky()
	d := &trapped{
		formDialect: form.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)).(formDialect),
		trap:        p, store: store, base: memhttp.Transport(office),
	}
	options := []sdk.Option{
		sdk.WithHTTPTransport(d), sdk.WithStore(d), sdk.WithObserver(d),
		sdk.WithClock(func() time.Time { d.called("clock"); return time.Now() }),
		sdk.WithRand(func() float64 { d.called("random"); return 0.5 }),
		sdk.WithOnChange(func(context.Context, sdk.Token) { d.called("hook") }),
	}
	var panics int
	check := func(what string, err error) {
		t.Helper()
		switch {
		case errors.Is(err, sdk.ErrPanic):
			panics++
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), fakeoffice.Password) {
				t.Errorf("%s at call %d of %s: %v shows the value", what, p.call, p.callback, err)
			}
		case err != nil:
			t.Errorf("%s at call %d of %s: %v", what, p.call, p.callback, err)
		}
	}
	client, err := sdk.New("https://office.example", d, options...)
	check("new", err)
	if err != nil {
		return int(p.seen.Load())
	}
	ctx := t.Context()
	var status atomic.Int32 // that the office answers instead
	office.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && r.URL.Path == "/login" {
			return false
		}
		answer := int(status.Swap(0))
		if answer == 0 {
			return false
		}
		if answer == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "1")
		}
		w.WriteHeader(answer)
		return true
	}
	get := func(what string, answer int32) {
		t.Helper()
		status.Store(answer)
		response, err := client.R(ctx).Get("/things")
		if err == nil && response.StatusCode() != http.StatusOK && response.StatusCode() != http.StatusForbidden && panics == 0 {
			err = errors.New(response.Status())
		}
		check(what, err)
		status.Store(0)
	}
	for range 2 {
		status.Store(http.StatusTooManyRequests)
		check("login", client.Login(ctx))
		status.Store(0)
		get("request", 0)
		get("forbidden", http.StatusForbidden)
		office.RejectAll()
		get("rejected", 0)
		store.failAt("save")
		_, err = client.Renew(ctx)
		check("renew", err)
		store.failAt()
		pass(40 * time.Hour) // a renewal in the background, or a login
		_, err = client.Inspect(ctx)
		check("inspect", err)
		_, err = client.Do(ctx, sdk.Call{Path: "/things"})
		check("do", err)
		check("try", client.Try(ctx, func(token sdk.Token) bool { client.Reject(ctx, token); return false }))
		other, err := sdk.New("https://office.example", d, options...) // finds the token in the store
		check("new", err)
		if err == nil {
			check("adopt", other.Login(ctx))
			check("stop", other.Stop(ctx))
		}
		check("logout", client.Logout(ctx))
	}
	check("login", client.Login(ctx))
	check("close", client.Close(ctx))
	return int(p.seen.Load())
}
