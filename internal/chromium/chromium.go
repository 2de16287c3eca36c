// Package chromium opens pages in a real headless Chromium for tests, and notes what
// they ask for and complain about. Where there is no Chromium, the test is skipped
// with a reason. What a page should do is for its own tests to say.
package chromium

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/dragoman-auth/dragoman/internal/needs"
)

// Page is a page that is open.
type Page struct {
	ctx context.Context //nolint:containedctx // chromedp's handle of the page

	mu       sync.Mutex
	requests []string
	problems []string
}

// Open opens an address and waits until an element is visible. The test closes it.
func Open(t *testing.T, address, selector string) *Page {
	t.Helper()
	path := needs.Program(t, "chromium", "chromium-browser", "google-chrome")
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WSURLReadTimeout(time.Minute))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	p := &Page{ctx: ctx}
	if err := chromedp.Listen(ctx, p.note); err != nil {
		t.Fatal(err)
	}
	for _, enable := range []func() error{
		func() error { _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); return err },
		func() error { _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); return err },
	} {
		if err := enable(); err != nil {
			t.Fatal(err)
		}
	}
	p.Do(t, chromedp.Navigate(address), chromedp.WaitVisible(chromedp.CSS(selector)))
	return p
}

func (p *Page) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *runtime.EventConsoleAPICalled:
		p.problems = append(p.problems, "console: "+string(e.Type))
	case *runtime.EventExceptionThrown:
		p.problems = append(p.problems, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		p.problems = append(p.problems, "log: "+e.Entry.Text)
	}
}

// Noted are the addresses that the page has asked for, and its complaints: what it
// logs, exceptions, and what the browser refuses it.
func (p *Page) Noted() (requests, problems []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.requests...), append([]string{}, p.problems...)
}

// Context is what chromedp's own functions take.
func (p *Page) Context() context.Context { return p.ctx }

// Do runs actions of chromedp.
func (p *Page) Do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// Click clicks on each of several elements.
func (p *Page) Click(t *testing.T, selectors ...string) {
	t.Helper()
	for _, selector := range selectors {
		p.Do(t, chromedp.Click(chromedp.CSS(selector)))
	}
}

// Follow clicks on a link or on the button of a form, and waits until the page that it
// leads to has been loaded.
func (p *Page) Follow(t *testing.T, selector string) {
	t.Helper()
	if _, err := chromedp.RunResponse(p.ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		t.Fatalf("follow %s: %v", selector, err)
	}
}

// Until waits for an expression to become true.
func (p *Page) Until(t *testing.T, expression string) {
	t.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.Poll[bool](expression)); err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
}

// Value evaluates an expression in a page.
func Value[T any](t *testing.T, p *Page, expression string) T {
	t.Helper()
	result, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return result
}
