package exchange

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// Pace keeps requests as far apart as a manifest asks for. The zero Pace asks
// for nothing. It is safe for concurrent use.
type Pace struct {
	declared manifest.Pace
	places   chan struct{} // one for each connection; nil is any number

	mu        sync.Mutex
	next      time.Time // when the next request may begin
	nextLogin time.Time // the same of logins
}

// NewPace is the declared pace; nil is none.
func NewPace(declared *manifest.Pace) *Pace {
	p := &Pace{}
	if declared == nil {
		return p
	}
	p.declared = *declared
	if declared.Connections > 0 {
		p.places = make(chan struct{}, declared.Connections)
	}
	return p
}

// begin waits for the turn of a request. Done ends it.
func (p *Pace) begin(ctx context.Context, login bool) (done func(), err error) {
	if p == nil {
		return func() {}, nil
	}
	done = func() {}
	if p.places != nil {
		select {
		case p.places <- struct{}{}:
			done = func() { <-p.places }
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for a connection: %w", ctx.Err())
		}
	}
	if err := Sleep(ctx, p.turn(time.Now(), login)); err != nil {
		done()
		return nil, err
	}
	return done, nil
}

// turn takes the next free turn, and says how long it is until then.
func (p *Pace) turn(now time.Time, login bool) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := now
	if rate := p.declared.RequestsPerSecond; rate > 0 {
		at = later(at, p.next)
	}
	if rate := p.declared.LoginsPerMinute; rate > 0 && login {
		at = later(at, p.nextLogin)
		p.nextLogin = at.Add(time.Minute / time.Duration(rate))
	}
	if rate := p.declared.RequestsPerSecond; rate > 0 {
		p.next = at.Add(time.Second / time.Duration(rate))
	}
	return at.Sub(now)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// Extra is how much longer a number of requests takes at this pace, at most: as if each
// were a login.
func (p *Pace) Extra(requests int) time.Duration {
	var extra time.Duration
	if rate := p.declared.RequestsPerSecond; rate > 0 {
		extra += time.Duration(requests) * time.Second / time.Duration(rate)
	}
	if rate := p.declared.LoginsPerMinute; rate > 0 {
		extra += time.Duration(requests) * time.Minute / time.Duration(rate)
	}
	return extra
}

// isLogin says whether a request goes where logins go. Without a pace nobody
// needs to know.
func (c *Client) isLogin(r Request) bool {
	if c.Subject.Pace == nil {
		return false
	}
	d := c.Subject.Manifest.Dialects
	switch {
	case c.DialectName == "session" && d.Session != nil:
		return r.Method == http.MethodPost && r.Path == d.Session.Prefix+d.Session.Login
	case c.DialectName == "form" && d.Form != nil:
		return r.Method == http.MethodPost && r.Path == d.Form.Prefix+d.Form.Login
	case c.DialectName == "scoped" && d.Scoped != nil:
		return r.Path == d.Scoped.Prefix+d.Scoped.Auth
	}
	if rest := d.RPC.REST; rest != nil && strings.HasPrefix(r.Path, rest.Path) {
		return r.Method == http.MethodPost
	}
	return strings.Contains(r.Body, loginMethods)
}

// loginMethods is how the names of the rpc methods begin that log in.
const loginMethods = ".AuthenticationService.Authenticate"

// Sleep really waits, whatever the subject's time is.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait %s: %w", humanize.Duration(d), ctx.Err())
	}
}
