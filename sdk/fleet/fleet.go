package fleet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
)

// Fleet is many accounts of one back office. It is safe for concurrent use.
type Fleet struct {
	address  string
	dialect  func(account string) sdk.Dialect
	settings settings
	store    sdk.Store       // nil: tokens stay with the accounts
	own      *http.Transport // nil if the caller gave one
	start    time.Time       // by the wall clock, as the ends of tokens are

	mu       sync.Mutex
	accounts map[string]*account
	clients  map[*account]struct{} // those that have one
	wheel    wheel
	turned   int64       // the second that the wheel has reached
	timer    *time.Timer // of its next second; nil: it stands still
	ready    []*account  // to be renewed now
	workers  int         // that renew
	trouble  trouble
	stopped  bool
	running  sync.WaitGroup  // workers
	ctx      context.Context //nolint:containedctx // of the workers, until Stop
	cancel   context.CancelFunc
}

// New returns a fleet for the back office at address, with no account in it yet.
// dialect makes the dialect of an account, each time that the account becomes a
// client: it should be quick, because a password may be asked for later, by the
// dialect's PasswordFunc, and must not use the fleet.
//
// New does no I/O. Its errors wrap [sdk.ErrConfig].
func New(address string, dialect func(account string) sdk.Dialect, options ...Option) (*Fleet, error) {
	f := &Fleet{address: address, dialect: dialect, settings: defaults(), start: time.Now().Round(0), accounts: make(map[string]*account), clients: make(map[*account]struct{})}
	for _, option := range options {
		if option != nil {
			option(&f.settings)
		}
	}
	if dialect == nil || f.settings.loginNeeded == nil {
		return nil, fmt.Errorf("new fleet: the functions that it calls must not be nil: %w", sdk.ErrConfig)
	}
	if f.settings.transport == nil {
		f.own = newTransport(f.settings.limit)
		f.settings.transport = f.own
	}
	f.wheel.random = f.settings.random
	limit := sdk.NewLimit(f.settings.limit)
	f.settings.client = append(f.settings.client, sdk.WithHTTPTransport(f.settings.transport), sdk.WithoutBackgroundRenewal(), sdk.WithLimit(limit))
	f.store = f.settings.store
	if _, err := sdk.New(address, nobody{}, append(f.settings.client, sdk.WithAccount("nobody"))...); err != nil {
		return nil, fmt.Errorf("new fleet: %w", err)
	}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	return f, nil
}

// newTransport is a transport with the default settings that keeps as many
// connections as the limit lets it use.
func newTransport(limit int) *http.Transport {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = standard.Clone()
	}
	transport.MaxIdleConnsPerHost = max(limit, http.DefaultMaxIdleConnsPerHost)
	return transport
}

// With calls use with the client of an account, which joins the fleet if it is
// new. The client is for use only: it must not be kept, closed or stopped. With
// returns what use returns, or an error that wraps [sdk.ErrConfig] if the dialect
// of the account cannot be used, or [sdk.ErrClosed] after Stop. It does not log
// in by itself.
func (f *Fleet) With(ctx context.Context, account string, use func(client *sdk.Client) error) error {
	if ctx == nil || use == nil {
		return fmt.Errorf("use account: the context and the function must not be nil: %w", sdk.ErrConfig)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("use account: %w", err)
	}
	a, err := f.borrow(account)
	if err != nil {
		return err
	}
	defer f.giveBack(a)
	return use(a.client)
}

// Logout ends the token of an account at its server, as [sdk.Client.Logout] does,
// and takes the account out of the fleet. With brings it back.
func (f *Fleet) Logout(ctx context.Context, account string) error {
	kept := context.Background()
	if ctx != nil {
		kept = context.WithoutCancel(ctx)
	}
	err := f.With(kept, account, func(client *sdk.Client) error { return client.Logout(ctx) })
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := f.accounts[account]; a != nil {
		f.wheel.remove(a)
		a.removed = true // when its last user is done
		f.takeApart(a)
	}
	return err
}

// Len is how many accounts are in the fleet.
func (f *Fleet) Len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.accounts)
}

// Stop ends the fleet without logging out: tokens live on, and in a store that
// the fleet was given they wait for the next start. It returns when all clients
// have ended, or with an error when ctx ends before.
func (f *Fleet) Stop(ctx context.Context) error {
	f.mu.Lock()
	f.stopped = true
	if f.timer != nil {
		f.timer.Stop()
		f.timer = nil
	}
	f.ready = nil
	var clients []*sdk.Client
	for a := range f.clients {
		clients = append(clients, a.client)
	}
	f.mu.Unlock()
	f.cancel()
	var failed []error
	for _, client := range clients {
		if err := client.Stop(ctx); err != nil {
			failed = append(failed, err)
		}
	}
	f.running.Wait() // for no longer than their clients, which have ended
	if f.own != nil {
		f.own.CloseIdleConnections()
	}
	return errors.Join(failed...)
}

// nobody is the dialect with which the address and the options are checked.
type nobody struct{ sdk.Bearer }

// Name implements [sdk.Dialect].
func (nobody) Name() string { return "nobody" }

// Login implements [sdk.Dialect].
func (nobody) Login(context.Context, *sdk.TokenClient) (sdk.Token, error) {
	return sdk.Token{}, sdk.ErrUnsupported
}
