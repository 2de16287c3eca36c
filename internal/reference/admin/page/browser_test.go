package page_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/dragoman-auth/dragoman/internal/chromium"
	"github.com/dragoman-auth/dragoman/internal/reference/admin"
	"github.com/dragoman-auth/dragoman/internal/reference/admin/page"
)

// TestPageInABrowser: an operator logs in, finds an account, ends its session, and then
// all it has; the tokens are rejected. The browser asks for nothing elsewhere, and
// refuses the page nothing.
func TestPageInABrowser(t *testing.T) {
	t.Parallel()
	o := inMemory(t)
	tokens := o.logIn("clerk", "clerk@example.com", "clerk")
	server := httptest.NewServer(admin.Handler(admin.Config{Metrics: http.NotFoundHandler(), Ready: func(context.Context) error { return nil }, Page: o.page}))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL + page.Path)
	if err != nil {
		t.Fatal(err)
	}
	address.User = url.UserPassword("admin", password)

	p := chromium.Open(t, address.String(), "figure svg")
	p.Do(t, chromedp.Navigate(server.URL)) // from now on the browser remembers the password, and / leads to the page
	p.Until(t, `location.href === "`+server.URL+page.Path+`"`)
	p.Until(t, `getComputedStyle(document.querySelector("header")).display === "flex"`) // the style is loaded
	p.Until(t, `document.querySelectorAll("figure svg rect").length > 0`)
	p.Follow(t, `nav a[href=accounts]`)
	p.Do(t, chromedp.WaitVisible(chromedp.CSS("#accounts")), chromedp.SendKeys(chromedp.CSS("#q"), "cle"))
	p.Follow(t, `form[role=search] button`)
	p.Until(t, `document.querySelectorAll("#accounts tbody tr").length === 1 && document.querySelector("#accounts tbody tr").cells[5].textContent === "4"`)
	p.Follow(t, `#accounts tbody a`)
	p.Until(t, `location.pathname === "/admin/account" && document.querySelectorAll("form[action=end]").length === 4`)
	p.Follow(t, `button[aria-label^="End session"]`)
	p.Until(t, `document.querySelectorAll("form[action=end]").length === 3 && document.getElementById("done").textContent === "It has ended."`)
	for dialect, want := range map[string]int{"session": 401, "form": 200} {
		if got := tokens[dialect].works(); got != want {
			t.Errorf("after the end of the session, %s answers %d, want %d", dialect, got, want)
		}
	}
	p.Click(t, `details:has(form[action=end-all]) summary`)
	p.Follow(t, `form[action=end-all] button`)
	p.Until(t, `document.querySelectorAll("form[action=end]").length === 0 && document.querySelectorAll("table.lines tbody tr").length > 4`)
	for dialect, one := range tokens {
		if got := one.works(); got != http.StatusUnauthorized {
			t.Errorf("after the end of all, %s answers %d", dialect, got)
		}
	}
	requests, problems := p.Noted()
	for _, request := range requests {
		request = strings.Replace(request, address.User.String()+"@", "", 1)
		if !strings.HasPrefix(request, server.URL+"/") {
			t.Errorf("the page asks for %s", request)
		}
	}
	if len(problems) > 0 {
		t.Errorf("the browser says %q", problems)
	}
}
