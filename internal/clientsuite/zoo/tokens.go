package zoo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// How long a client waits for an exchange, how long a failure stands, and how many
// times an exchange is made that the server asks to repeat.
const (
	exchangeTimeout = 15 * time.Second
	failureStands   = 200 * time.Millisecond
	longestWait     = 10 * time.Second
)

// now is the client's own time.
func (c *client) now() time.Time { return time.Now().Add(c.offset) }

// noteSkew notes whether the Date of a rejection is hours off.
func (c *client) noteSkew(header http.Header) {
	at, err := http.ParseTime(header.Get("Date"))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skewed = err == nil && time.Until(at).Abs() > time.Hour
}

// wasSkewed says whether the Date of the last rejection was hours off.
func (c *client) wasSkewed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.skewed
}

// obtain returns a token that may be used now. Callers that need one at the same time
// share an exchange; each waits no longer than its own context allows.
func (c *client) obtain(ctx context.Context) (token, error) {
	c.mu.Lock()
	if c.ended != nil {
		defer c.mu.Unlock()
		return token{}, c.ended
	}
	if c.usable(c.token) && !c.habits.loginEachCall {
		defer c.mu.Unlock()
		return c.token, nil
	}
	if c.flight == nil && c.failed != nil && c.now().Before(c.until) {
		defer c.mu.Unlock()
		return token{}, c.failed
	}
	if c.habits.ownLogins || c.habits.loginEachCall || c.habits.ownRenewals && c.token.Access != "" {
		c.mu.Unlock()
		t, err := c.replace(ctx)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.token = t
		return t, err
	}
	f := c.flight
	if f != nil && c.habits.busyFails && c.token.Access != "" {
		defer c.mu.Unlock()
		return token{}, errors.New("a token is being replaced")
	}
	if f == nil {
		owned, cancel := context.WithCancel(c.owner(ctx))
		f = &flight{done: make(chan struct{}), cancel: cancel}
		c.flight = f
		go c.run(owned, f) // ends within exchangeTimeout and the waits that servers ask for
	}
	c.mu.Unlock()
	if c.habits.anyOwns {
		defer context.AfterFunc(ctx, f.cancel)()
	}
	if c.habits.waitsLogin {
		ctx = context.WithoutCancel(ctx)
	}
	select {
	case <-f.done:
		if f.err != nil && c.habits.noSharing {
			return c.replace(ctx)
		}
		return f.token, f.err
	case <-ctx.Done():
		return token{}, ctx.Err()
	}
}

// owner is the context of an exchange: nobody's, so that no caller ends it.
func (c *client) owner(ctx context.Context) context.Context {
	if c.habits.firstOwns {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// usable says whether a token can be sent. The mutex is held.
func (c *client) usable(t token) bool {
	switch {
	case t.Access == "" || c.dead[t.Access]:
		return false
	case c.habits.maxLife > 0 && c.now().Sub(t.Issued) > c.habits.maxLife:
		return false
	case c.habits.reactive:
		return true
	}
	return t.Expires.IsZero() || c.now().Before(t.Expires)
}

// run makes the exchange of a flight.
func (c *client) run(ctx context.Context, f *flight) {
	defer f.cancel()
	t, err := c.replace(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	f.token, f.err = t, err
	c.flight, c.failed = nil, err
	if err != nil {
		c.until = c.now().Add(failureStands)
	} else if !c.habits.keepsOld || c.token.Access == "" {
		c.token = t
	}
	close(f.done)
}

// replace obtains a token: from the store, by a renewal, or with the password.
func (c *client) replace(ctx context.Context) (t token, err error) {
	unlock, err := c.lock(ctx)
	if err != nil {
		return token{}, err
	}
	defer unlock()
	c.mu.Lock()
	old := c.token
	c.mu.Unlock()
	if kept := c.stored(); !c.habits.storeAtStart && kept.Access != "" {
		c.mu.Lock()
		fresh := c.usable(kept)
		c.mu.Unlock()
		if fresh && c.habits.storeConflict && old.Access != "" {
			return token{}, errors.New("the store was changed")
		}
		if fresh {
			return kept, nil
		}
		old = kept
	}
	t, err = c.renewed(ctx, old)
	if err != nil && !errors.Is(err, errRefused) || err == nil && t.Access != "" {
		return c.replaced(old, t, err)
	}
	if c.habits.refreshForever && old.Refresh != "" {
		return token{}, errRefused
	}
	t, err = c.exchange(ctx, c.login(), true)
	return c.replaced(old, t, err)
}

// renewed renews a token, where it can be; the zero token says that it cannot.
func (c *client) renewed(ctx context.Context, old token) (token, error) {
	c.mu.Lock()
	live := c.usable(old) && old.Access != ""
	c.mu.Unlock()
	x, can := c.renewal(old, live)
	if !can || c.habits.relogin || old.Access == "" {
		return token{}, nil
	}
	t, err := c.exchange(ctx, x, false)
	if err != nil && c.habits.dieOnRenewal {
		c.die(err)
	}
	return t, err
}

// replaced keeps what an exchange has obtained.
func (c *client) replaced(old, t token, err error) (token, error) {
	if err != nil {
		if c.habits.dieOnFailure {
			c.die(err)
		}
		return token{}, err
	}
	if c.habits.oldRefresh && old.Refresh != "" {
		t.Refresh = old.Refresh
	}
	if c.habits.printToken {
		fmt.Fprintln(c.errors, "obtained", t.Access)
	}
	if !c.habits.storeAtClose {
		c.keep(t)
	}
	return t, nil
}

func (c *client) die(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = fmt.Errorf("the client gave up: %w", err)
}

// exchange makes an exchange, and once more where the server asks to wait.
func (c *client) exchange(ctx context.Context, x exchange, isLogin bool) (token, error) {
	t, wait, err := c.once(ctx, x, isLogin)
	for again := 4; c.habits.respell && isLogin && errors.Is(err, errRefused) && again > 0; again-- {
		c.spelling++
		t, _, err = c.once(ctx, c.login(), isLogin)
	}
	for again := c.habits.refusedAgain; isLogin && errors.Is(err, errRefused) && again > 0; again-- {
		t, _, err = c.once(ctx, x, isLogin)
	}
	if wait <= 0 || wait > longestWait || c.habits.noRetry {
		return t, err
	}
	if !c.habits.noJitter {
		wait += rand.N(wait/4 + 1) //nolint:gosec // jitter is no secret
	}
	if c.habits.atOnce {
		wait = 0
	}
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return token{}, ctx.Err()
	}
	t, _, err = c.once(ctx, x, isLogin)
	return t, err
}

// once makes an exchange. Wait is how long the server asks to wait; 0 where it does not.
func (c *client) once(ctx context.Context, x exchange, isLogin bool) (t token, wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	r, err := c.request(ctx, x)
	if err != nil {
		return t, 0, err
	}
	if isLogin && c.env.Verbose && c.habits.printLogin {
		fmt.Fprintln(c.errors, "log in:", x.form, x.json)
	}
	sent := time.Now()
	sender := *c.http
	if c.habits.loginStandard {
		sender.CheckRedirect = nil
	}
	if c.habits.followLogin {
		sender.CheckRedirect = func(next *http.Request, via []*http.Request) error {
			next.Header = via[0].Header.Clone() //nolint:gosec // this is the mistake
			return nil
		}
	}
	response, err := sender.Do(r)
	if err != nil {
		return t, 0, c.lost(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil && !c.habits.scrape {
		return t, 0, c.lost(err)
	}
	if response.StatusCode != http.StatusOK {
		return t, c.retryAfter(response), c.refusal(response.StatusCode, isLogin)
	}
	if c.habits.dieOnType && response.Header.Get("Content-Type") == "text/html" {
		c.die(errors.New("the answer is HTML"))
	}
	if at, err := http.ParseTime(response.Header.Get("Date")); err == nil && c.habits.adoptDate {
		c.mu.Lock()
		c.offset = time.Until(at)
		c.mu.Unlock()
	}
	t, err = c.read(body, response.Header.Get("Date"), sent)
	if errors.Is(err, errRefused) {
		_ = c.refusal(http.StatusUnauthorized, isLogin)
	}
	return t, 0, err
}

// lost is the error of an exchange whose outcome nobody knows.
func (c *client) lost(err error) error {
	if c.habits.dieOnLost {
		c.die(err)
	}
	return fmt.Errorf("no answer: %w", err)
}

// refusal is the error of an exchange that was answered with a status.
func (c *client) refusal(status int, isLogin bool) error {
	if status >= http.StatusInternalServerError {
		err := fmt.Errorf("the token endpoint answered %d", status)
		if isLogin && c.habits.giveUpAfter500 {
			c.die(err)
		}
		return err
	}
	if isLogin && c.habits.printPassword {
		fmt.Fprintln(c.errors, "refused:", c.env.Login, c.env.Password)
	}
	if status == http.StatusTooManyRequests || status < http.StatusBadRequest {
		return fmt.Errorf("the token endpoint answered %d", status)
	}
	return errRefused
}

// retryAfter reads a Retry-After.
func (c *client) retryAfter(response *http.Response) time.Duration {
	text := response.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if c.habits.noDates {
		return time.Millisecond
	}
	return time.Until(at) + time.Second // dates have whole seconds
}
